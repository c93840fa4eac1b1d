// The pages of one file in memory: the same frames for read, write and mmap. A PageCache is part of
// its Inode; together they are bounded by a clock over all pages of all files, which gives clean
// pages back when memory is short, and by a flusher thread that writes dirty ones.
//
// One spinlock (rank kPageCache) guards the trees, the clock and the flags of all files: its
// sections are short. A page's own mutex (rank kPage) is held while the page is filled or written
// back, never while user memory is touched. A Ref<CachedPage> keeps the page where it is.
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
        : owner(&cache), index(page_index), frame(move(page_frame)) {}

    u8* data() const { return frame->data(); }

    PageCache* owner;  // null once truncation or reclaim has taken it out
    const u64 index;
    const Ref<Frame> frame;
    Mutex lock{LockRank::kPage, "page"};
    Atomic<bool> filled{false};        // the contents are valid
    Atomic<bool> used{false};          // read or written since the clock's hand last passed
    bool dirty = false;                // to be written back
    bool mapped_writable = false;      // a shared mapping may write it without telling
    ListNode clock_node;
    ListNode dirty_node;
};

class PageCache : Immovable {
  public:
    explicit PageCache(Inode& inode) : inode_(inode) {}
    ~PageCache();  // drop_all() has been called or nothing is cached

    // The page, filled from the file (once: other threads wait), zeroed beyond the file's size.
    Result<Ref<CachedPage>> get(u64 index);
    // The page if it is in memory and filled; else null.
    Ref<CachedPage> find(u64 index);
    // Puts in a page whose whole contents the caller has in `frame`, unless there is one: then
    // returns that.
    Result<Ref<CachedPage>> insert(u64 index, Ref<Frame> frame);

    void mark_dirty(CachedPage& page);
    // For a shared mapping that may write: dirty until nothing maps the frame any more.
    void mark_mapped_writable(CachedPage& page);

    // Writes back what is dirty. Pages that fail are given up; the first error is returned here
    // and by the next take_error().
    Result<void> write_back();
    bool has_dirty() const { return dirty_count_.load_relaxed() != 0; }
    // The error that write-back met since the last call, for fsync.
    Result<void> take_error();

    // Takes out the pages beyond `size`, waiting for those that are being written, and zeroes the
    // rest of the last one. Inode::size is already `size` (see Inode::resize).
    void truncate(u64 size);
    void drop_all() { truncate(0); }

    usize page_count() const { return page_count_.load_relaxed(); }

  private:
    friend struct PageCacheInternals;
    struct Node;

    CachedPage* find_locked(u64 index) const;
    Result<Ref<CachedPage>> get_slow(u64 index);
    Result<void> fill(CachedPage& page);
    Result<void> write_back(CachedPage& page);

    Inode& inode_;
    Node* root_ = nullptr;  // a tree of 64-way nodes, `height_` levels
    u32 height_ = 0;
    Atomic<u32> page_count_{0};
    Atomic<u32> dirty_count_{0};
    Atomic<int> error_{0};
    List<CachedPage, &CachedPage::dirty_node> dirty_pages_;
};

// Writes back all files of all file systems until nothing is dirty, from time to time and when
// much is dirty (the flusher thread's work); started at Stage::kFiles.
void wake_flusher();
// Called by write(2) after each file: waits where far too much is dirty.
void throttle_writer(Inode& inode);

struct PageCacheStats {
    usize pages;
    usize dirty;
};
PageCacheStats page_cache_stats();
