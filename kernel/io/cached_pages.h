// The hash table behind page_cache.h: all cached pages of all files, and the clock that goes around
// its buckets. Private to the page cache; `lock` guards everything here and the fields of
// CachedPage that say so. Nothing is allocated or freed while it is held.
#pragma once
#include "io/page_cache.h"

class CachedPages {
  public:
    static SpinLock lock;
    static Atomic<usize> page_count;
    static Atomic<usize> dirty_count;

    static void create_table();

    static CachedPage* find(const PageCache& owner, u64 index) REQUIRES(lock);
    // Adds a page to the table and to its owner's clean pages; its reference is now the table's.
    static void add(CachedPage& page) REQUIRES(lock);
    // Takes a page out of both: the table's reference is the caller's, to drop after unlocking.
    static void remove(CachedPage& page) REQUIRES(lock);

    static void set_dirty(CachedPage& page) REQUIRES(lock);
    static void set_clean(CachedPage& page) REQUIRES(lock);

    // Waits, without `lock` meanwhile, until nobody fills or writes back the page.
    static void wait_until_idle(CachedPage& page) REQUIRES(lock);
    // What made the page busy is done.
    static void end_work(CachedPage& page) REQUIRES(lock);

    // Takes out the next clean page without users that the clock's hand comes to; null where a
    // whole turn finds none. Pages used since the last turn are spared once.
    static Ref<CachedPage> take_victim(usize& steps) REQUIRES(lock);
    static usize bucket_count() { return bucket_count_; }

  private:
    static CachedPage** bucket(const PageCache& owner, u64 index);
    static CachedPage** link_to(CachedPage& page);

    static CachedPage** table_;
    static usize bucket_count_;  // a power of two
    static usize hand_;
};
