// The pages of one file: finding, filling, writing back, truncating. See page_cache.h; the table
// of all pages is in cached_pages.cc.
#include "io/page_cache.h"

#include "io/cached_pages.h"
#include "io/file_system.h"

PageCache::PageCache(Inode& inode, bool pages_are_storage)
    : inode_(inode), pages_are_storage_(pages_are_storage) {}

PageCache::~PageCache() { ASSERT(page_count_.load() == 0); }

Ref<CachedPage> PageCache::find_any(u64 index) {
    SpinGuard guard(CachedPages::lock);
    CachedPage* page = CachedPages::find(*this, index);
    if (page != nullptr) page->used = true;
    return Ref<CachedPage>::share(page);
}

Ref<CachedPage> PageCache::find(u64 index) {
    Ref<CachedPage> page = find_any(index);
    return page && page->filled.load() ? page : nullptr;
}

Result<Ref<CachedPage>> PageCache::get(u64 index) {
    Ref<CachedPage> page = find_any(index);
    if (!page) page = TRY(add(index));
    if (!page->filled.load()) TRY(fill(*page));
    return page;
}

// Puts a new page into the table, or returns the one that another thread has put there meanwhile.
Result<Ref<CachedPage>> PageCache::add(u64 index) {
    Ref<Frame> frame = TRY(allocate_frame(FrameFill::kNone, FrameUse::kFile));
    Ref<CachedPage> page = TRY(make_ref<CachedPage>(*this, index, move(frame)));
    SpinGuard guard(CachedPages::lock);
    CachedPage* existing = CachedPages::find(*this, index);
    if (existing != nullptr) return Ref<CachedPage>(*existing);
    page->retain();  // for the table
    CachedPages::add(*page);
    return page;
}

// Pages that follow each other in the file and are read or written together. They are busy.
struct PageCache::Cluster {
    static constexpr usize kMost = 16;

    void add(CachedPage& page) {
        frames[count] = page.frame.get();
        pages[count++] = Ref<CachedPage>(page);
    }
    u64 first() const { return pages[0]->index; }

    Ref<CachedPage> pages[kMost];
    Frame* frames[kMost] = {};
    usize count = 0;
};

Result<void> PageCache::fill(CachedPage& page) {
    Cluster cluster;
    {
        SpinGuard guard(CachedPages::lock);
        CachedPages::wait_until_idle(page);
        if (page.filled.load()) return {};
        page.busy = true;
        cluster.add(page);
    }
    read_ahead(cluster);
    usize good = cluster.count;
    Result<void> result = read(cluster, good);
    // What was asked for may be good; the others are left for whoever wants them.
    if (!result.ok() && good > 1) result = read(cluster, good = 1);
    for (usize i = 0; result.ok() && i < good; i++) cluster.pages[i]->filled.store(true);
    SpinGuard guard(CachedPages::lock);
    for (usize i = 0; i < cluster.count; i++) CachedPages::end_work(*cluster.pages[i]);
    return result;
}

// Where a file is read from front to back, the pages behind the one wanted come with it. Does not
// wait for pages that others work on, so two readers cannot wait for each other.
void PageCache::read_ahead(Cluster& cluster) {
    u64 first = cluster.first();
    if (pages_are_storage_ || (first > 0 && !find(first - 1))) return;
    while (cluster.count < Cluster::kMost) {
        u64 index = first + cluster.count;
        if (index * kPageSize >= inode_.size.load() || find_any(index)) return;
        Result<Ref<CachedPage>> next = add(index);
        if (!next.ok()) return;
        SpinGuard guard(CachedPages::lock);
        if ((*next)->busy || (*next)->filled.load()) return;
        (*next)->busy = true;
        cluster.add(**next);
    }
}

// The size is read after the pages have come into the table: if the file shrinks meanwhile, either
// truncate() finds them there, or the new size is seen here.
Result<void> PageCache::read(Cluster& cluster, usize count) {
    u64 in_file = divide_up(inode_.size.load(), kPageSize);
    u64 first = cluster.first();
    if (first < in_file) {
        usize wanted = min(count, static_cast<usize>(in_file - first));
        TRY(inode_.read_pages(first, {cluster.frames, wanted}));
    }
    for (usize i = 0; i < count; i++) zero_beyond_size(*cluster.pages[i]);
    return {};
}

void PageCache::zero_beyond_size(CachedPage& page) {
    u64 size = inode_.size.load();
    u64 start = page.index * kPageSize;
    if (size < start + kPageSize) {
        u64 kept = size > start ? size - start : 0;
        memset(page.data() + kept, 0, kPageSize - kept);
    }
}

void PageCache::mark_dirty(CachedPage& page) {
    if (pages_are_storage_) return;
    SpinGuard guard(CachedPages::lock);
    CachedPages::set_dirty(page);
}

void PageCache::mark_mapped_writable(CachedPage& page) {
    if (pages_are_storage_) return;
    SpinGuard guard(CachedPages::lock);
    page.mapped_writable = true;
    CachedPages::set_dirty(page);
}

// Clean first, then written: what a writer stores from here on makes the page dirty again.
void PageCache::take_for_writing(CachedPage& page, Cluster& cluster) {
    ASSERT(!page.busy);  // filled long ago, and write_back_lock_ keeps other writers out
    page.busy = true;
    CachedPages::set_clean(page);
    if (page.mapped_writable) {
        // A program may have stored behind the end of the file. Only here: what write(2) stores
        // there is about to become part of the file, and must not be lost.
        zero_beyond_size(page);
        page.mapped_writable = page.frame->reference_count() > 1;
        if (page.mapped_writable) CachedPages::set_dirty(page);
    }
    cluster.add(page);
}

// The page that has been dirty longest, and those that follow it; none where none is dirty.
void PageCache::begin_write_back(Cluster& cluster) {
    SpinGuard guard(CachedPages::lock);
    CachedPage* page = dirty_pages_.front();
    while (page != nullptr && page->dirty && cluster.count < Cluster::kMost) {
        take_for_writing(*page, cluster);
        page = CachedPages::find(*this, page->index + 1);
    }
}

Result<void> PageCache::write_back() {
    MutexGuard one_at_a_time(write_back_lock_);
    Result<void> result;
    // No more than are dirty now: pages that stay mapped go back to the end of the list.
    // Nobody can reach a removed file that only sync is at: its blocks go at once.
    auto gone = [&] { return inode_.nlink.load() == 0 && inode_.reference_count() == 0; };
    for (usize left = dirty_count_.load(); left > 0 && !gone();) {
        Cluster cluster;
        begin_write_back(cluster);
        if (cluster.count == 0) break;
        left -= min(left, cluster.count);
        Result<void> written = inode_.write_pages(cluster.first(), {cluster.frames, cluster.count});
        if (!written.ok()) {
            error_.store(written.error().number);
            result = result.ok() ? written : result;
        }
        SpinGuard guard(CachedPages::lock);
        for (usize i = 0; i < cluster.count; i++) CachedPages::end_work(*cluster.pages[i]);
    }
    return result;
}

Result<void> PageCache::take_error() {
    int number = error_.load_relaxed() == 0 ? 0 : error_.exchange(0);
    return number == 0 ? Result<void>() : Errno{number};
}

// Takes all pages of a list that lie wholly beyond `size` out of the table, onto the chain `taken`.
void PageCache::take_beyond(u64 size, PageList& pages, CachedPage*& taken) {
    for (CachedPage& page : pages) {
        if (page.index * kPageSize >= size) {
            CachedPages::remove(page);
            page.hash_next = exchange(taken, &page);
        }
    }
}

void PageCache::truncate(u64 size) {
    if (page_count_.load() == 0) return;
    CachedPage* taken = nullptr;
    {
        SpinGuard guard(CachedPages::lock);
        // First the dirty ones: remove() moves them to the clean list's end on their way out.
        take_beyond(size, dirty_pages_, taken);
        take_beyond(size, clean_pages_, taken);
    }
    while (taken != nullptr) {
        Ref<CachedPage> page = Ref<CachedPage>::adopt(taken);
        taken = page->hash_next;
        // A page on its way to the disk gets there before its block is free for others.
        SpinGuard guard(CachedPages::lock);
        CachedPages::wait_until_idle(*page);
    }
}
