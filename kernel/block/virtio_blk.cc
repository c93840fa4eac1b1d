// The disk that QEMU offers as virtio-blk-device. Requests go to the device as soon as the queue
// has room, many at a time; the interrupt collects what is done and starts what waited.
// Everything here runs under the disk's spinlock (BlockDevice::lock_), also in the interrupt.
// Reference: VIRTIO 1.1, section 5.2.
#include "base/vector.h"
#include "block/block_device.h"
#include "block/virtio_mmio.h"
#include "cpu/console.h"
#include "cpu/driver.h"
#include "cpu/interrupt.h"
#include "cpu/layout.h"

namespace {

constexpr u64 VIRTIO_BLK_F_SEG_MAX = 1 << 2;
constexpr u64 VIRTIO_BLK_F_RO = 1 << 5;
constexpr u64 VIRTIO_BLK_F_FLUSH = 1 << 9;

constexpr u32 VIRTIO_BLK_T_IN = 0;
constexpr u32 VIRTIO_BLK_T_OUT = 1;
constexpr u32 VIRTIO_BLK_T_FLUSH = 4;

constexpr u8 VIRTIO_BLK_S_OK = 0;

constexpr u32 kCapacityOffset = 0;
constexpr u32 kSegMaxOffset = 12;
constexpr u32 kRequestQueue = 0;
constexpr u32 kQueueSize = 256;
constexpr usize kMostPieces = 64;

struct RequestHeader {
    u32 type;
    u32 reserved;
    u64 sector;
};
static_assert(sizeof(RequestHeader) == 16);

// What the device reads and writes beside the data, for one request on its way.
struct Slot {
    RequestHeader header;
    u8 status;
    BlockRequest* request;
    Slot* next_free;
};

class VirtioDisk final : public BlockDevice {
  public:
    explicit VirtioDisk(VirtioDevice device) : device_(device) {}
    Result<void> initialise();

  protected:
    void start_locked(BlockRequest& request) REQUIRES(lock_) override;

  private:
    static void interrupt(void* disk);
    bool room_for_locked(const BlockRequest& request) const REQUIRES(lock_);
    void offer_locked(BlockRequest& request) REQUIRES(lock_);
    void collect_locked() REQUIRES(lock_);

    VirtioDevice device_;
    Owned<VirtQueue> queue_ GUARDED_BY(lock_);
    Vector<Slot> slots_;
    Slot* free_slots_ GUARDED_BY(lock_) = nullptr;
    List<BlockRequest, &BlockRequest::node> waiting_ GUARDED_BY(lock_);
};

// Nobody else knows the disk yet.
Result<void> VirtioDisk::initialise() NO_THREAD_SAFETY_ANALYSIS {
    u64 features = TRY(device_.negotiate(VIRTIO_F_VERSION_1 | VIRTIO_BLK_F_SEG_MAX |
                                         VIRTIO_BLK_F_RO | VIRTIO_BLK_F_FLUSH));
    queue_ = TRY(device_.create_queue(kRequestQueue, kQueueSize));
    // A chain is header, pieces and status; a queue of two cannot carry any.
    if (queue_->size() < 3) return Errno{ENODEV};
    max_pieces_ = min<usize>(queue_->size() - 2, kMostPieces);
    if ((features & VIRTIO_BLK_F_SEG_MAX) != 0) {
        max_pieces_ = min<usize>(max_pieces_, max<u32>(device_.config32(kSegMaxOffset), 1));
    }
    read_only_ = (features & VIRTIO_BLK_F_RO) != 0;
    has_volatile_cache_ = (features & VIRTIO_BLK_F_FLUSH) != 0;
    sector_count_ = device_.config64(kCapacityOffset);

    TRY(slots_.resize(queue_->size() / 2));  // a flush has two descriptors, all others more
    for (Slot& slot : slots_) slot.next_free = exchange(free_slots_, &slot);
    handle_device_interrupt(device_.irq(), interrupt, this);
    device_.start();
    return {};
}

void VirtioDisk::start_locked(BlockRequest& request) {
    // First come, first served: a request that fits does not overtake a bigger one that waits.
    if (!waiting_.empty() || !room_for_locked(request)) {
        waiting_.push_back(request);
        return;
    }
    offer_locked(request);
    if (queue_->wants_notification()) device_.notify(kRequestQueue);
}

bool VirtioDisk::room_for_locked(const BlockRequest& request) const {
    return free_slots_ != nullptr && request.pieces.size() + 2 <= queue_->free_descriptors();
}

void VirtioDisk::offer_locked(BlockRequest& request) {
    Slot& slot = *free_slots_;
    free_slots_ = slot.next_free;
    bool reading = request.operation == BlockOperation::kRead;
    bool flushing = request.operation == BlockOperation::kFlush;
    slot.header.type = reading ? VIRTIO_BLK_T_IN : flushing ? VIRTIO_BLK_T_FLUSH : VIRTIO_BLK_T_OUT;
    slot.header.reserved = 0;
    slot.header.sector = flushing ? 0 : request.sector;
    slot.status = 0xff;
    slot.request = &request;

    VirtBuffer chain[kMostPieces + 2];
    usize count = 0;
    chain[count++] = {physical_address(&slot.header), sizeof(slot.header), false};
    for (const BlockPiece& piece : request.pieces) {
        chain[count++] = {physical_address(piece.data), static_cast<u32>(piece.size), reading};
    }
    chain[count++] = {physical_address(&slot.status), 1, true};
    queue_->add({chain, count}, &slot);
}

void VirtioDisk::interrupt(void* context) {
    VirtioDisk& disk = *static_cast<VirtioDisk*>(context);
    SpinGuard guard(disk.lock_);
    disk.collect_locked();
}

// Finishes all that the device has done, then starts what waited for room.
void VirtioDisk::collect_locked() {
    // BEGIN SOLUTION(disk.interrupt)
    // Acknowledged before the ring is read: what is finished after the last look raises another.
    device_.acknowledge_interrupt();
    u32 written = 0;
    while (void* token = queue_->take_used(written)) {
        Slot& slot = *static_cast<Slot*>(token);
        BlockRequest& request = *slot.request;
        bool good = slot.status == VIRTIO_BLK_S_OK;
        slot.next_free = exchange(free_slots_, &slot);
        finish_locked(request, good ? 0 : EIO);
    }
    bool offered = false;
    while (!waiting_.empty() && room_for_locked(*waiting_.front())) {
        offer_locked(*waiting_.pop_front());
        offered = true;
    }
    if (offered && queue_->wants_notification()) device_.notify(kRequestQueue);
    // END SOLUTION
    // STUB: panic("disk.interrupt: yours to write (%s)", name());
}

void probe_virtio_blk(TreeNode node) {
    VirtioDevice device(node);
    if (device.legacy()) {
        kprintf("virtio-mmio disk ignored: run QEMU with -global virtio-mmio.force-legacy=false\n");
    }
    if (!device.usable() || device.device_id() != kVirtioBlock) return;
    Result<Owned<VirtioDisk>> disk = make<VirtioDisk>(device);
    Result<void> ready = disk.ok() ? (*disk)->initialise() : Result<void>(disk.error());
    if (!ready.ok()) {
        StringView name = node.name();
        kprintf("%.*s: not usable as a disk, error %d\n", static_cast<int>(name.size()),
                name.data(), ready.error().number);
        device.fail();
        return;
    }
    add_block_device(*disk.value().release());
}

DRIVER(virtio_blk, "virtio,mmio", probe_virtio_blk);

}  // namespace
