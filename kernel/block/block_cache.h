// Blocks of one disk kept in memory: the file system's metadata. What is read once stays until
// memory is needed; what is changed is written later, many blocks in one go and in ascending order.
// The cache guards which blocks there are, not what is in them: two holders of one block see the
// same bytes, so the structures in it need locks of their own (in ext2: the inode's, or that of the
// bitmaps). Interface: read() or get_zeroed(), change the bytes, mark_dirty(); forget() when freed.
// All functions may sleep unless they say otherwise. The least recently used blocks go first, by
// the clock algorithm. File contents do not come here; they live in io/page_cache.h.
#pragma once
#include "base/owned.h"
#include "base/vector.h"
#include "block/block_device.h"
#include "thread/mutex.h"

class BlockCache;

// One cached block. It stays in memory while somebody holds a Ref to it.
class Block : Immovable {
  public:
    u64 number() const { return number_; }
    usize size() const { return size_; }
    u8* data() const { return data_; }
    Bytes bytes() const { return {data_, size_}; }
    // The bytes at `offset` seen as a T; the T must lie inside the block.
    template <typename T> T* at(usize offset) const {
        ASSERT(offset + sizeof(T) <= size_);
        return reinterpret_cast<T*>(data_ + offset);
    }

    // To be called after a change, while the block is held: it will be written back. Never sleeps.
    void mark_dirty();

    void retain() { holders_.fetch_add(1); }
    void release();

  private:
    friend class BlockCache;
    Block(BlockCache& cache, u64 number, u8* data, usize size)
        : cache_(cache), number_(number), data_(data), size_(size) {}
    static Result<Ref<Block>> create(BlockCache& cache, u64 number, usize size);

    BlockCache& cache_;
    const u64 number_;
    u8* const data_;
    const usize size_;
    Atomic<u32> holders_{1};  // the cache is one; it alone may take the count from 1 to 2
    Atomic<bool> recently_used_{true};
    // The rest is guarded by the cache's lock.
    bool cached_ = false;   // the cache still has it
    bool ready_ = false;    // the contents are valid
    bool filling_ = false;  // one thread gets the contents, others wait
    bool writing_ = false;  // a request reads the contents
    Block* next_in_bucket_ = nullptr;
    ListNode ring_node_;   // all blocks; the clock hand is the front
    ListNode dirty_node_;  // linked while dirty
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
    // What is dirty is lost: sync() first. A block that is still held must not be marked dirty later.
    ~BlockCache();

    BlockDevice& device() { return device_; }
    usize block_size() const { return block_size_; }

    // The block with its contents. EIO if the disk cannot read it or it lies outside, ENOMEM.
    Result<Ref<Block>> read(u64 number);
    // The block with zeros, without reading the disk: for one that has just been allocated. The
    // caller fills it and calls mark_dirty().
    Result<Ref<Block>> get_zeroed(u64 number);
    // The block has been freed on disk: its contents are dropped, changed or not. Waits for a write
    // under way, so that it cannot overwrite what the block's next owner writes.
    void forget(u64 number);

    // Writes back what is dirty now and waits. Does not flush the device's own cache. On an error
    // the blocks stay dirty; the first error is returned.
    Result<void> write_back();
    // write_back() and one flush of the device; so what was written to it before, by whomever, is
    // safe too.
    Result<void> sync();

    // Gives up clean blocks that nobody holds, at most `count`; returns how many. Never sleeps.
    usize shrink(usize count);
    BlockCacheStatistics statistics();

  private:
    friend class Block;
    // What write-back works with, made once so that it needs no memory when memory is short.
    struct Writer {
        static constexpr usize kBatch = 512;     // blocks sorted and written together
        static constexpr usize kRuns = 8;        // requests under way at once
        static constexpr usize kRunBlocks = 32;  // neighbours joined into one request

        struct Run {
            BlockRequest request;
            BlockPiece pieces[kRunBlocks];
        };
        Block* batch[kBatch];
        Run runs[kRuns];
    };
    enum class Fill : u8 { kFromDisk, kZeros };

    BlockCache(BlockDevice& device, usize block_size, usize capacity);
    Result<Ref<Block>> get(u64 number, Fill fill);
    Result<void> fill(Block& block, Fill fill);
    Result<Ref<Block>> insert(u64 number);
    Result<void> make_room();
    Block* take_victim_locked() REQUIRES(lock_);
    void mark_dirty_locked(Block& block) REQUIRES(lock_);

    Block** bucket(u64 number) const REQUIRES(lock_);
    Block* find_locked(u64 number) const REQUIRES(lock_);
    void link_locked(Block& block) REQUIRES(lock_);
    // Takes the block out; the cache's reference is the caller's now.
    void unlink_locked(Block& block) REQUIRES(lock_);

    // block_write_back.cc
    usize take_dirty(usize most) REQUIRES(write_mutex_);
    Result<void> write_batch(usize count) REQUIRES(write_mutex_);
    void finish_batch(usize count, bool written) REQUIRES(write_mutex_);

    BlockDevice& device_;
    const usize block_size_;
    const usize sectors_per_block_;
    const usize capacity_;

    // One write-back at a time, so that two never write one block at once.
    Mutex write_mutex_{LockRank::kBlock, "block write-back"};
    Owned<Writer> writer_ GUARDED_BY(write_mutex_);

    SpinLock lock_{LockRank::kBlockCache, "block cache"};
    WaitQueue changed_;  // a block was filled or written
    Vector<Block*> buckets_ GUARDED_BY(lock_);
    List<Block, &Block::ring_node_> ring_ GUARDED_BY(lock_);
    List<Block, &Block::dirty_node_> dirty_ GUARDED_BY(lock_);
    BlockCacheStatistics statistics_ GUARDED_BY(lock_) = {};

  public:
    ListNode cache_node;  // in the list of all caches; block_cache.cc
};
