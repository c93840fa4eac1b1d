// Finding, filling and dropping cached blocks. Writing them back is in block_write_back.cc.
#include "block/block_cache.h"

#include "cpu/init.h"
#include "mm/frame.h"

namespace {

constexpr usize kShareOfMemory = 8;  // one part in so many is the most for blocks
constexpr usize kMinCapacity = 64;
constexpr usize kMaxBuckets = 16384;

}  // namespace

Result<Ref<Block>> Block::create(BlockCache& cache, u64 number, usize size) {
    u8* data = static_cast<u8*>(heap_allocate(size));
    void* memory = heap_allocate(sizeof(Block));
    if (data == nullptr || memory == nullptr) {
        heap_free(data);
        heap_free(memory);
        return Errno{ENOMEM};
    }
    return Ref<Block>::adopt(new (memory) Block(cache, number, data, size));
}

void Block::release() {
    if (holders_.fetch_sub(1) == 1) {
        heap_free(data_);
        this->~Block();
        heap_free(this);
    }
}

void Block::mark_dirty() {
    SpinGuard guard(cache_.lock_);
    cache_.mark_dirty_locked(*this);
}

BlockCache::BlockCache(BlockDevice& device, usize block_size, usize capacity)
    : device_(device), block_size_(block_size), sectors_per_block_(block_size / kSectorSize),
      capacity_(capacity) {}

Block** BlockCache::bucket(u64 number) const { return &buckets_[number % buckets_.size()]; }

Block* BlockCache::find_locked(u64 number) const {
    Block* block = *bucket(number);
    while (block != nullptr && block->number_ != number) block = block->next_in_bucket_;
    return block;
}

void BlockCache::link_locked(Block& block) {
    Block** head = bucket(block.number_);
    block.next_in_bucket_ = exchange(*head, &block);
    block.cached_ = true;
    block.retain();
    ring_.push_back(block);
    statistics_.blocks++;
}

void BlockCache::unlink_locked(Block& block) {
    Block** link = bucket(block.number_);
    while (*link != &block) link = &(*link)->next_in_bucket_;
    *link = block.next_in_bucket_;
    block.cached_ = false;
    ring_.remove(block);
    if (block.dirty_node_.linked()) {
        dirty_.remove(block);
        statistics_.dirty--;
    }
    statistics_.blocks--;
}

Result<Ref<Block>> BlockCache::read(u64 number) { return get(number, Fill::kFromDisk); }
Result<Ref<Block>> BlockCache::get_zeroed(u64 number) { return get(number, Fill::kZeros); }

Result<Ref<Block>> BlockCache::get(u64 number, Fill fill) {
    // BEGIN SOLUTION(disk.cache_read)
    Ref<Block> held;
    {
        SpinGuard guard(lock_);
        if (Block* block = find_locked(number)) {
            held = Ref<Block>(*block);
            block->recently_used_.store_relaxed(true);
            statistics_.hits++;
            if (block->ready_ && fill == Fill::kFromDisk) {
                return held;
            }
        } else {
            statistics_.misses++;
        }
    }
    if (!held) held = TRY(insert(number));
    // Whoever finds it unfilled and nobody at work fills it; the others wait for that one.
    {
        SpinGuard guard(lock_);
        wait_until(changed_, lock_, [&] { return !held->filling_; });
        if (held->ready_ && fill == Fill::kFromDisk) return held;
        held->filling_ = true;
    }
    TRY(this->fill(*held, fill));
    return held;
    // END SOLUTION
    // STUB: panic("disk.cache_read: yours to write (block %lu, %d)", number, static_cast<int>(fill));
}

// A new block without contents. If another thread was faster, it is that thread's block.
Result<Ref<Block>> BlockCache::insert(u64 number) {
    TRY(make_room());
    Ref<Block> fresh = TRY(Block::create(*this, number, block_size_));
    SpinGuard guard(lock_);
    if (Block* other = find_locked(number)) return Ref<Block>(*other);
    link_locked(*fresh);
    return fresh;
}

Result<void> BlockCache::fill(Block& block, Fill fill) {
    Result<void> result;
    if (fill == Fill::kZeros) {
        memset(block.data_, 0, block_size_);
    } else if (block.number_ >= device_.sector_count() / sectors_per_block_) {
        result = Errno{EIO};
    } else {
        result = device_.read(block.number_ * sectors_per_block_, block.bytes());
    }
    SpinGuard guard(lock_);
    block.filling_ = false;
    block.ready_ = result.ok();
    changed_.wake_all();
    return result;
}

// The clock: the hand passes blocks in a ring, and takes the first that nobody holds, that needs no
// writing and that was not used since the hand passed it last. Null if there is none; else it is
// out of the cache and the caller releases it.
Block* BlockCache::take_victim_locked() {
    // BEGIN SOLUTION(disk.cache_evict)
    for (usize passed = 0; passed < 2 * statistics_.blocks; passed++) {
        Block& block = *ring_.pop_front();
        ring_.push_back(block);
        if (block.holders_.load() > 1 || block.dirty_node_.linked()) continue;
        if (!block.recently_used_.load_relaxed()) {
            unlink_locked(block);
            statistics_.evictions++;
            return &block;
        }
        block.recently_used_.store_relaxed(false);
    }
    return nullptr;
    // END SOLUTION
    // STUB: panic("disk.cache_evict: yours to write (%zu blocks)", statistics_.blocks);
}

// Makes room for one more block. Where all are held, the cache grows beyond its capacity.
Result<void> BlockCache::make_room() {
    {
        SpinGuard guard(lock_);
        if (statistics_.blocks < capacity_) return {};
    }
    if (shrink(1) == 0) {
        TRY(write_back());
        shrink(1);
    }
    return {};
}

usize BlockCache::shrink(usize count) {
    usize done = 0;
    while (done < count) {
        Block* victim;
        {
            SpinGuard guard(lock_);
            victim = take_victim_locked();
        }
        if (victim == nullptr) break;
        victim->release();
        done++;
    }
    return done;
}

void BlockCache::mark_dirty_locked(Block& block) {
    if (!block.cached_ || block.dirty_node_.linked()) return;
    dirty_.push_back(block);
    statistics_.dirty++;
}

void BlockCache::forget(u64 number) {
    Ref<Block> block;
    {
        SpinGuard guard(lock_);
        Block* found = find_locked(number);
        if (found == nullptr) return;
        block = Ref<Block>(*found);
        wait_until(changed_, lock_, [&] { return !block->writing_ && !block->filling_; });
        if (!block->cached_) {
            return;  // another thread has forgotten it meanwhile
        }
        unlink_locked(*block);
    }
    block->release();  // the cache's reference
}

BlockCacheStatistics BlockCache::statistics() {
    SpinGuard guard(lock_);
    return statistics_;
}

// --- All caches: made, destroyed, and asked for memory ---

namespace {

constinit SpinLock caches_lock{LockRank::kBlockCaches, "block caches"};
constinit List<BlockCache, &BlockCache::cache_node> all_caches GUARDED_BY(caches_lock);
bool (*reclaim_below)(usize frames);

// Takes part in reclaim_memory after what was there before, the page cache.
bool reclaim_cached_blocks(usize frames) {
    bool gave_any = reclaim_below(frames);
    SpinGuard guard(caches_lock);
    for (BlockCache& cache : all_caches) {
        gave_any |= cache.shrink(frames * (kPageSize / cache.block_size())) != 0;
    }
    return gave_any;
}

void start_block_caches() {
    reclaim_below = reclaim_memory;
    reclaim_memory = reclaim_cached_blocks;
}

INIT(Stage::kDevices, start_block_caches);

}  // namespace

// Nobody else knows the cache yet.
Result<Owned<BlockCache>> BlockCache::create(BlockDevice& device, usize block_size,
                                             usize capacity) NO_THREAD_SAFETY_ANALYSIS {
    ASSERT(is_power_of_two(block_size) && block_size >= kSectorSize && block_size <= kPageSize);
    usize share = memory_stats().total / kShareOfMemory * (kPageSize / block_size);
    if (capacity == 0) capacity = max(share, kMinCapacity);
    void* memory = heap_allocate(sizeof(BlockCache));
    if (memory == nullptr) return Errno{ENOMEM};
    Owned<BlockCache> cache(new (memory) BlockCache(device, block_size, capacity));
    cache->writer_ = TRY(make<Writer>());
    usize buckets = usize{1} << log2_floor(min(max(capacity, kMinCapacity), kMaxBuckets));
    TRY(cache->buckets_.resize(buckets));
    SpinGuard guard(caches_lock);
    all_caches.push_back(*cache);
    return move(cache);
}

BlockCache::~BlockCache() {
    {
        SpinGuard guard(caches_lock);
        if (cache_node.linked()) all_caches.remove(*this);
    }
    while (Block* block = ring_.front()) {
        unlink_locked(*block);
        block->release();
    }
}
