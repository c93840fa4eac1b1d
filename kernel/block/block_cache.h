// Blocks of one disk kept in memory: the file system's metadata. What is read once stays until
// memory is needed; what is changed is written later, many blocks in one go and in ascending order.
// The cache guards which blocks there are, not what is in them: two holders of one block see the
// same bytes, so the structures in it need locks of their own (in ext2: the inode's, or that of the
// bitmaps). Interface: read() or get_zeroed(), change the bytes, mark_dirty(); forget() when freed.
// File contents do not come here; they live in the page cache (io/page_cache.h).
#pragma once
#include "base/owned.h"
#include "block/block_device.h"

class BlockCache;

// One cached block. It stays in memory while somebody holds a Ref to it.
class Block : Immovable {
  public:
    u64 number() const { return number_; }
    u8* data() const { return data_; }
    Bytes bytes() const;
    // The bytes at `offset` seen as a T; the T must lie inside the block.
    template <typename T> T* at(usize offset) const {
        ASSERT(offset + sizeof(T) <= size());
        return reinterpret_cast<T*>(data_ + offset);
    }
    usize size() const;

    // To be called after a change, while the block is held: it will be written back.
    void mark_dirty();

    void retain();
    void release();

  private:
    friend class BlockCache;
    // kFilling: one thread reads it, others wait. kFailed: that did not work; the next reader tries
    // again.
    enum class State : u8 { kFilling, kReady, kFailed };

    Block(BlockCache& cache, u64 number, u8* data) : cache_(cache), number_(number), data_(data) {}

    BlockCache& cache_;
    u64 number_;
    u8* data_;
    Block* next_in_bucket_ = nullptr;  // guarded by the cache's lock, like all that follows
    ListNode ring_node_;               // all blocks, in the order in which the clock hand passes
    ListNode dirty_node_;              // linked while dirty
    Atomic<u32> pins_{0};              // holders; 0 to 1 only under the cache's lock
    Atomic<bool> recently_used_{false};
    State state_ = State::kFilling;
    bool writing_ = false;
};

struct BlockCacheStatistics {
    u64 hits, misses, evictions, written;
    usize blocks, dirty;
};

class BlockCache : Immovable {
  public:
    // block_size is 1024, 2048 or 4096. The cache grows to `capacity` blocks (0: a share of RAM),
    // and beyond only while all of them are held.
    static Result<Owned<BlockCache>> create(BlockDevice& device, usize block_size,
                                            usize capacity = 0);
    // Nobody may hold a block any more. Dirty blocks are lost: write_back() first.
    ~BlockCache();

    BlockDevice& device() { return device_; }
    usize block_size() const { return block_size_; }

    // The block with its contents. EIO if the disk cannot read it or it lies outside, ENOMEM.
    Result<Ref<Block>> read(u64 number);
    // The block with zeros, without reading the disk: for one that has just been allocated. The
    // caller fills it and calls mark_dirty().
    Result<Ref<Block>> get_zeroed(u64 number);
    // Starts reading blocks that will be wanted soon; errors do not matter.
    void read_ahead(u64 number, usize count);

    // The block has been freed on disk: its contents are dropped, changed or not. Waits for a write
    // under way, so that it cannot overwrite what the block's next owner writes.
    void forget(u64 number);

    // Writes back what is dirty now, in ascending order with neighbours joined, and waits. Does not
    // flush the device's own cache. On an error the blocks stay dirty; the first error is returned.
    Result<void> write_back();
    // The same for those blocks only.
    Result<void> write_back(Span<const u64> numbers);
    // write_back() and a flush of the device, if anything was written since the last one.
    Result<void> sync();

    // Gives up clean blocks nobody holds, at most `count`; returns how many. Never sleeps.
    usize shrink(usize count);
    BlockCacheStatistics statistics();
    ListNode node;  // in the list of all caches

  private:
    friend class Block;
    BlockCache(BlockDevice& device, usize block_size, usize capacity);

    Block** bucket(u64 number) const;
    Block* find_locked(u64 number) const;
    Result<Ref<Block>> get(u64 number, bool& must_fill);
    Result<void> fill(Block& block);
    Result<void> make_room();
    Block* choose_victim_locked();
    void remove_locked(Block& block);
    Result<void> write_blocks(Span<Block*> blocks);
    usize collect_dirty_locked(Span<Block*> into);
    void finish_filling(Block& block, bool ok);

    BlockDevice& device_;
    const usize block_size_;
    const usize sectors_per_block_;
    const usize capacity_;
    usize bucket_mask_ = 0;

    SpinLock lock_{LockRank::kBlockCache, "block cache"};
    WaitQueue changed_;  // a block was filled or written
    Block** buckets_ GUARDED_BY(lock_) = nullptr;
    List<Block, &Block::ring_node_> ring_ GUARDED_BY(lock_);
    List<Block, &Block::dirty_node_> dirty_ GUARDED_BY(lock_);
    BlockCacheStatistics statistics_ GUARDED_BY(lock_) = {};
};
