// A disk as upper floors see it: numbered sectors of 512 bytes, read and written by requests that
// run while their owner does something else. Drivers derive from BlockDevice (virtio_blk.h);
// whoever keeps data of a disk in memory uses a BlockCache (block_cache.h) on top.
// Any thread may call; wait(), read(), write() and flush() sleep, submit() does not.
#pragma once
#include "base/list.h"
#include "base/result.h"
#include "base/span.h"
#include "cpu/spinlock.h"
#include "thread/wait.h"

inline constexpr usize kSectorSize = 512;

enum class BlockOperation : u8 { kRead, kWrite, kFlush };

// One stretch of memory that a request moves: in the linear map, a multiple of 512 bytes.
struct BlockPiece {
    u8* data = nullptr;
    usize size = 0;
};

// One transfer between consecutive sectors and any number of pieces of memory, in that order.
// Request, pieces and memory belong to the caller, and stay as they are until it is finished.
struct BlockRequest : Immovable {
    BlockOperation operation = BlockOperation::kRead;
    u64 sector = 0;
    Span<const BlockPiece> pieces;

    bool finished = false;  // guarded by the device's lock
    int error = 0;          // an error number, valid once finished
    WaitQueue waiters;
    ListNode node;  // the driver's

    u64 size() const;
};

struct BlockStatistics {
    u64 reads, writes, flushes;  // requests that the device has answered
    u64 sectors_read, sectors_written;
    u64 errors;  // of them, and of those it was never asked
};

class BlockDevice : Immovable {
  public:
    // Hands a request to the device. What it does not accept (outside the disk, a size that is no
    // multiple of 512, writing to a read-only disk, more pieces than max_pieces()) finishes at once
    // with an error. Requests under way together may be done in any order.
    void submit(BlockRequest& request);
    // Sleeps until `request`, submitted, is finished.
    Result<void> wait(BlockRequest& request);

    // Submit and wait. The sizes are multiples of 512; the memory is in the linear map.
    Result<void> transfer(BlockOperation operation, u64 sector, Span<const BlockPiece> pieces);
    Result<void> read(u64 sector, Bytes to);
    Result<void> write(u64 sector, ConstBytes from);
    // Returns when all that was finished before is on stable storage; nothing to do where the
    // device has no volatile cache, or nothing was written since the last flush.
    Result<void> flush();

    const char* name() const { return name_; }  // "vda"
    u64 sector_count() const { return sector_count_; }
    bool read_only() const { return read_only_; }
    // The most pieces that one request may have; at least 1. Their number is the only limit.
    usize max_pieces() const { return max_pieces_; }
    BlockStatistics statistics();

  protected:
    BlockDevice() = default;
    ~BlockDevice() = default;  // a disk stays until power-off

    // Starts an acceptable request now, or keeps it until there is room for it.
    virtual void start_locked(BlockRequest& request) REQUIRES(lock_) = 0;
    // To be called by the driver when the device has answered; error is 0 or an error number.
    void finish_locked(BlockRequest& request, int error) REQUIRES(lock_);

    SpinLock lock_{LockRank::kDisk, "disk"};
    u64 sector_count_ = 0;
    usize max_pieces_ = 1;
    bool read_only_ = false;
    bool has_volatile_cache_ = false;

  private:
    friend void add_block_device(BlockDevice& device);
    int check(const BlockRequest& request) const;
    bool is_flushed_locked() const REQUIRES(lock_);
    void answer_locked(BlockRequest& request, int error) REQUIRES(lock_);

    char name_[8] = "";
    BlockStatistics statistics_ GUARDED_BY(lock_) = {};
    bool written_since_flush_ GUARDED_BY(lock_) = false;
    u32 flushes_under_way_ GUARDED_BY(lock_) = 0;
};

// Gives a disk the next name, vda to vdz, and makes it known. Drivers call it once they are ready.
void add_block_device(BlockDevice& device);
// The disk called `name` (also with "/dev/" before it), or null.
BlockDevice* find_block_device(StringView name);
// The disk with that number, from 0; null beyond the last.
BlockDevice* block_device(usize index);
