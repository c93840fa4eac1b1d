// The hash table of all cached pages. See cached_pages.h.
#include "io/cached_pages.h"

#include "io/file_system.h"

constinit SpinLock CachedPages::lock{LockRank::kPageCache, "page cache"};
constinit Atomic<usize> CachedPages::page_count{0};
constinit Atomic<usize> CachedPages::dirty_count{0};
constinit CachedPage** CachedPages::table_ = nullptr;
constinit usize CachedPages::bucket_count_ = 0;
constinit usize CachedPages::hand_ = 0;

namespace {

// Threads that wait for a busy page. Pages share few queues: such waits are rare and short.
// Spelled out: GCC 12 leaves an array of lists zero if it has to repeat one initialiser.
constexpr usize kQueues = 16;
constinit WaitQueue work_queues[] = {{}, {}, {}, {}, {}, {}, {}, {},
                                     {}, {}, {}, {}, {}, {}, {}, {}};
static_assert(array_size(work_queues) == kQueues);

WaitQueue& work_queue(const CachedPage& page) {
    return work_queues[reinterpret_cast<u64>(&page) / 64 % kQueues];
}

}  // namespace

// One bucket for two frames of RAM, within bounds: most chains are short even if all is cache.
void CachedPages::create_table() {
    constexpr usize kMost = 64 * 1024;
    usize wanted = min(static_cast<usize>(memory_stats().total / 2), kMost);
    bucket_count_ = usize{1} << log2_floor(max(wanted, usize{512}));
    unsigned order = log2_floor(divide_up(bucket_count_ * sizeof(CachedPage*), kPageSize));
    Frame* frames = allocate_frames(order, FrameUse::kHeap);
    if (frames == nullptr) panic("no memory for the table of cached pages");
    table_ = reinterpret_cast<CachedPage**>(frames->data());
    memset(table_, 0, bucket_count_ * sizeof(CachedPage*));
}

// Neighbouring pages of a file go to neighbouring buckets; files are spread by their address.
CachedPage** CachedPages::bucket(const PageCache& owner, u64 index) {
    u64 file = reinterpret_cast<u64>(&owner) / 64 * 0x9e3779b97f4a7c15;
    return &table_[((file >> 32) + index) & (bucket_count_ - 1)];
}

CachedPage* CachedPages::find(const PageCache& owner, u64 index) {
    CachedPage* page = *bucket(owner, index);
    while (page != nullptr && (page->owner != &owner || page->index != index)) {
        page = page->hash_next;
    }
    return page;
}

void CachedPages::add(CachedPage& page) {
    CachedPage** first = bucket(*page.owner, page.index);
    page.hash_next = *first;
    *first = &page;
    page.owner->clean_pages_.push_back(page);
    page.owner->page_count_.fetch_add(1);
    page_count.fetch_add(1);
}

// The pointer in its bucket's chain that leads to this page.
CachedPage** CachedPages::link_to(CachedPage& page) {
    CachedPage** link = bucket(*page.owner, page.index);
    while (*link != &page) {
        ASSERT(*link != nullptr);
        link = &(*link)->hash_next;
    }
    return link;
}

void CachedPages::remove(CachedPage& page) {
    set_clean(page);
    *link_to(page) = page.hash_next;
    page.file_node.unlink();
    page.owner->page_count_.fetch_sub(1);
    page_count.fetch_sub(1);
    page.owner = nullptr;
    page.hash_next = nullptr;
}

void CachedPages::set_dirty(CachedPage& page) {
    if (page.dirty || page.owner == nullptr) return;
    page.dirty = true;
    page.file_node.unlink();
    page.owner->dirty_pages_.push_back(page);
    page.owner->dirty_count_.fetch_add(1);
    dirty_count.fetch_add(1);
}

void CachedPages::set_clean(CachedPage& page) {
    if (!page.dirty) return;
    page.dirty = false;
    page.file_node.unlink();
    page.owner->clean_pages_.push_back(page);
    page.owner->dirty_count_.fetch_sub(1);
    dirty_count.fetch_sub(1);
}

void CachedPages::wait_until_idle(CachedPage& page) {
    wait_until(work_queue(page), lock, [&] { return !page.busy; });
}

void CachedPages::end_work(CachedPage& page) {
    page.busy = false;
    work_queue(page).wake_all();
}

Ref<CachedPage> CachedPages::take_victim(usize& steps) {
    for (; steps > 0; steps--) {
        for (CachedPage* page = table_[hand_]; page != nullptr; page = page->hash_next) {
            // Ours is the only reference where nobody works on the page or maps its frame.
            bool idle = page->reference_count() == 1 && page->frame->reference_count() == 1;
            if (page->dirty || !idle || page->owner->pages_are_storage_) continue;
            if (!exchange(page->used, false)) {
                remove(*page);
                return Ref<CachedPage>::adopt(page);
            }
        }
        hand_ = (hand_ + 1) & (bucket_count_ - 1);
    }
    return nullptr;
}

usize shrink_page_cache(usize count) {
    usize dropped = 0;
    // Twice around: the first turn may only take away everybody's second chance.
    usize steps = 2 * CachedPages::bucket_count();
    while (dropped < count) {
        Ref<CachedPage> victim;
        {
            SpinGuard guard(CachedPages::lock);
            victim = CachedPages::take_victim(steps);
        }
        if (!victim) break;
        dropped++;
    }
    return dropped;
}

PageCacheStats page_cache_stats() {
    return {CachedPages::page_count.load_relaxed(), CachedPages::dirty_count.load_relaxed()};
}
