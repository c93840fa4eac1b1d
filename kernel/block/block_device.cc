// What all disks have in common: checking requests, waiting for them, whole transfers in one call,
// and the list of disks by name.
#include "block/block_device.h"

#include "cpu/console.h"

namespace {

constexpr usize kMaxDevices = 26;
constinit SpinLock devices_lock{LockRank::kDisk, "disks"};
BlockDevice* devices[kMaxDevices] GUARDED_BY(devices_lock);
usize device_count GUARDED_BY(devices_lock);

}  // namespace

u64 BlockRequest::size() const {
    u64 total = 0;
    for (const BlockPiece& piece : pieces) total += piece.size;
    return total;
}

int BlockDevice::check(const BlockRequest& request) const {
    if (request.operation == BlockOperation::kFlush) return 0;
    if (request.operation == BlockOperation::kWrite && read_only_) return EROFS;
    if (request.pieces.empty() || request.pieces.size() > max_pieces_) return EINVAL;
    for (const BlockPiece& piece : request.pieces) {
        if (piece.size == 0 || piece.size % kSectorSize != 0) return EINVAL;
    }
    u64 sectors = request.size() / kSectorSize;
    bool inside = sectors <= sector_count_ && request.sector <= sector_count_ - sectors;
    return inside ? 0 : EIO;
}

void BlockDevice::submit(BlockRequest& request) {
    int refusal = check(request);
    SpinGuard guard(lock_);
    request.finished = false;
    if (refusal != 0) {
        statistics_.errors++;
        answer_locked(request, refusal);
    } else if (request.operation != BlockOperation::kFlush) {
        start_locked(request);
    } else if (is_flushed_locked()) {
        answer_locked(request, 0);
    } else {
        flushes_under_way_++;
        written_since_flush_ = false;
        start_locked(request);
    }
}

// A flush under way may be the one that makes the last writes safe: it must be waited for, and the
// simplest way is another flush.
bool BlockDevice::is_flushed_locked() const {
    return !has_volatile_cache_ || (!written_since_flush_ && flushes_under_way_ == 0);
}

void BlockDevice::finish_locked(BlockRequest& request, int error) {
    u64 sectors = request.size() / kSectorSize;
    statistics_.errors += error != 0 ? 1 : 0;
    switch (request.operation) {
    case BlockOperation::kRead:
        statistics_.reads++;
        statistics_.sectors_read += sectors;
        break;
    case BlockOperation::kWrite:
        statistics_.writes++;
        statistics_.sectors_written += sectors;
        written_since_flush_ = true;
        break;
    case BlockOperation::kFlush:
        statistics_.flushes++;
        flushes_under_way_--;
        written_since_flush_ = written_since_flush_ || error != 0;
        break;
    }
    answer_locked(request, error);
}

// The waiter owns the request, and looks at it with lock_ held: so it can go on, and the request
// vanish, only after this function's caller has released the lock.
void BlockDevice::answer_locked(BlockRequest& request, int error) {
    request.error = error;
    request.finished = true;
    request.waiters.wake_all();
}

Result<void> BlockDevice::wait(BlockRequest& request) {
    SpinGuard guard(lock_);
    wait_until(request.waiters, lock_, [&] { return request.finished; });
    if (request.error != 0) return Errno{request.error};
    return {};
}

Result<void> BlockDevice::transfer(BlockOperation operation, u64 sector,
                                   Span<const BlockPiece> pieces) {
    BlockRequest request;
    request.operation = operation;
    request.sector = sector;
    request.pieces = pieces;
    submit(request);
    return wait(request);
}

Result<void> BlockDevice::read(u64 sector, Bytes to) {
    BlockPiece piece{to.data(), to.size()};
    return transfer(BlockOperation::kRead, sector, {&piece, 1});
}

Result<void> BlockDevice::write(u64 sector, ConstBytes from) {
    // A piece names memory for both directions; the device only reads this one.
    BlockPiece piece{const_cast<u8*>(from.data()), from.size()};
    return transfer(BlockOperation::kWrite, sector, {&piece, 1});
}

Result<void> BlockDevice::flush() { return transfer(BlockOperation::kFlush, 0, {}); }

BlockStatistics BlockDevice::statistics() {
    SpinGuard guard(lock_);
    return statistics_;
}

void add_block_device(BlockDevice& device) {
    {
        SpinGuard guard(devices_lock);
        if (device_count == kMaxDevices) return;
        copy_string(device.name_, "vda", sizeof(device.name_));
        device.name_[2] = static_cast<char>('a' + device_count);
        devices[device_count++] = &device;
    }
    kprintf("%s: %lu KiB%s\n", device.name(), device.sector_count() / 2,
            device.read_only() ? ", read-only" : "");
}

BlockDevice* find_block_device(StringView name) {
    constexpr StringView kFolder = "/dev/";
    if (name.starts_with(kFolder)) name = name.sub(kFolder.size());
    SpinGuard guard(devices_lock);
    for (usize i = 0; i < device_count; i++) {
        if (name == devices[i]->name()) return devices[i];
    }
    return nullptr;
}

BlockDevice* block_device(usize index) {
    SpinGuard guard(devices_lock);
    return index < device_count ? devices[index] : nullptr;
}
