// The pages of one file in memory: the same frames for read, write and mmap. A PageCache is part of
// its Inode. The pages of all files stand in one hash table, by file and index; when memory is short
// a clock hand goes around its buckets and gives clean pages back. A flusher thread writes dirty
// pages back.
//
// One spinlock (rank kPageCache) guards the table, the lists and the flags of all files: its
// sections are short. While a page is filled or written back it is busy, and others who want to do
// that wait. A Ref<CachedPage> keeps the page in memory, and keeps nobody from reading or writing it.
// Reference: docs/io.md.
#pragma once
#include "base/list.h"
#include "base/owned.h"
#include "mm/frame.h"
#include "thread/mutex.h"

class Inode;
class PageCache;

struct CachedPage : RefCounted {
    CachedPage(PageCache& cache, u64 page_index, Ref<Frame> page_frame)
        : index(page_index), frame(move(page_frame)), owner(&cache) {}

    u8* data() const { return frame->data(); }

    const u64 index;
    const Ref<Frame> frame;
    Atomic<bool> filled{false};  // the contents are valid

    // Guarded by the spinlock of page_cache.cc.
    PageCache* owner;              // null once truncation or reclaim has taken it out
    bool busy = false;             // being filled or written back
    bool used = true;              // found since the clock's hand last passed
    bool dirty = false;            // to be written back
    bool mapped_writable = false;  // a shared mapping may write it without telling
    CachedPage* hash_next = nullptr;
    ListNode file_node;  // in its file's list of clean or of dirty pages
};

class PageCache : Immovable {
  public:
    // Where the pages are the only copy (ramfs) they are never written back or dropped.
    PageCache(Inode& inode, bool pages_are_storage);
    ~PageCache();  // drop_all() has been called or nothing is cached

    // The page, filled from the file (once: other threads wait), zeroed beyond the file's size.
    Result<Ref<CachedPage>> get(u64 index);
    // The page if it is in memory and filled; else null.
    Ref<CachedPage> find(u64 index);
    // Whether the page is zeroes that nothing is stored for: a page got to read them would stay.
    bool is_hole(u64 index) { return pages_are_storage_ && !find(index); }

    void mark_dirty(CachedPage& page);
    // For a shared mapping that may write: dirty until nothing maps the frame any more.
    void mark_mapped_writable(CachedPage& page);

    // Writes back what is dirty, and waits for others who do. Pages that fail are given up, so that
    // a broken disk does not fill memory; the first error is returned.
    Result<void> write_back();
    bool has_dirty() const { return dirty_count_.load_relaxed() != 0; }
    // The error that a write-back has met since the last call: fsync must not miss it.
    Result<void> take_error();

    // Takes out the pages that lie wholly beyond `size`, waiting for those that are being written.
    void truncate(u64 size);
    void drop_all() { truncate(0); }

    usize page_count() const { return page_count_.load_relaxed(); }

  private:
    friend class CachedPages;
    using PageList = List<CachedPage, &CachedPage::file_node>;

    struct Cluster;

    Ref<CachedPage> find_any(u64 index);
    Result<Ref<CachedPage>> add(u64 index);
    Result<void> fill(CachedPage& page);
    void read_ahead(Cluster& cluster);
    Result<void> read(Cluster& cluster, usize count);
    void zero_beyond_size(CachedPage& page);
    void begin_write_back(Cluster& cluster);
    void take_for_writing(CachedPage& page, Cluster& cluster) NO_THREAD_SAFETY_ANALYSIS;
    static void take_beyond(u64 size, PageList& pages,
                            CachedPage*& taken) NO_THREAD_SAFETY_ANALYSIS;

    Inode& inode_;
    const bool pages_are_storage_;
    PageList clean_pages_;  // both by the spinlock of page_cache.cc
    PageList dirty_pages_;  // oldest first
    Mutex write_back_lock_{LockRank::kWriteBack, "write-back"};
    Atomic<u32> page_count_{0};
    Atomic<u32> dirty_count_{0};
    Atomic<int> error_{0};
};

// Drops up to `count` clean pages that nobody uses or maps; returns how many. Does not sleep.
usize shrink_page_cache(usize count);

struct PageCacheStats {
    usize pages;
    usize dirty;
};
PageCacheStats page_cache_stats();
