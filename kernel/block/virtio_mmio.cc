// Registers of a virtio-mmio device. See virtio_mmio.h.
#include "block/virtio_mmio.h"

#include "cpu/csr.h"
#include "cpu/layout.h"

namespace {

// Section 4.2.2, table 4.1.
enum Register : u32 {
    kMagicValue = 0x000,
    kVersion = 0x004,
    kDeviceId = 0x008,
    kDeviceFeatures = 0x010,
    kDeviceFeaturesSelect = 0x014,
    kDriverFeatures = 0x020,
    kDriverFeaturesSelect = 0x024,
    kQueueSelect = 0x030,
    kQueueNumMax = 0x034,
    kQueueNum = 0x038,
    kQueueReady = 0x044,
    kQueueNotify = 0x050,
    kInterruptStatus = 0x060,
    kInterruptAcknowledge = 0x064,
    kStatus = 0x070,
    kQueueDescLow = 0x080,
    kQueueDriverLow = 0x090,
    kQueueDeviceLow = 0x0a0,
    kConfigGeneration = 0x0fc,
    kConfig = 0x100,
};

constexpr u32 kMagic = 0x74726976;  // "virt"
constexpr u32 kModern = 2;

// Section 2.1.
constexpr u32 kAcknowledge = 1;
constexpr u32 kDriver = 2;
constexpr u32 kDriverOk = 4;
constexpr u32 kFeaturesOk = 8;
constexpr u32 kFailed = 128;

}  // namespace

VirtioDevice::VirtioDevice(TreeNode node) {
    Result<PhysRange> range = node.reg();
    Result<u32> irq = node.interrupt();
    if (range.ok() && range->size >= kConfig && irq.ok()) {
        registers_ = linear_pointer(range->start);
        irq_ = *irq;
    }
}

u32 VirtioDevice::read(u32 offset) const {
    u32 value = *reinterpret_cast<volatile u32*>(registers_ + offset);
    device_fence();
    return value;
}

void VirtioDevice::write(u32 offset, u32 value) {
    device_fence();
    *reinterpret_cast<volatile u32*>(registers_ + offset) = value;
}

bool VirtioDevice::usable() const {
    return registers_ != nullptr && read(kMagicValue) == kMagic && read(kVersion) == kModern;
}

bool VirtioDevice::legacy() const {
    return registers_ != nullptr && read(kMagicValue) == kMagic && read(kVersion) == 1 &&
           read(kDeviceId) != 0;
}

u32 VirtioDevice::device_id() const { return read(kDeviceId); }

void VirtioDevice::set_status(u32 bits) { write(kStatus, read(kStatus) | bits); }

Result<u64> VirtioDevice::negotiate(u64 wanted) {
    // BEGIN SOLUTION(disk.virtio_init)
    write(kStatus, 0);
    set_status(kAcknowledge);
    set_status(kDriver);
    u64 offered = 0;
    for (u32 half = 0; half < 2; half++) {
        write(kDeviceFeaturesSelect, half);
        offered |= u64{read(kDeviceFeatures)} << (32 * half);
    }
    u64 agreed = offered & wanted;
    for (u32 half = 0; half < 2; half++) {
        write(kDriverFeaturesSelect, half);
        write(kDriverFeatures, static_cast<u32>(agreed >> (32 * half)));
    }
    set_status(kFeaturesOk);
    if ((read(kStatus) & kFeaturesOk) == 0 || (agreed & VIRTIO_F_VERSION_1) == 0) {
        fail();
        return Errno{ENODEV};
    }
    return agreed;
    // END SOLUTION
    // STUB: panic("disk.virtio_init: yours to write (wanted %#lx)", wanted);
}

Result<Owned<VirtQueue>> VirtioDevice::create_queue(u32 index, u32 most) {
    write(kQueueSelect, index);
    u32 size = min(read(kQueueNumMax), most);
    if (size == 0 || read(kQueueReady) != 0) return Errno{ENODEV};
    // A device may name any maximum, but a queue's size is a power of two.
    Owned<VirtQueue> queue = TRY(VirtQueue::create(u32{1} << log2_floor(size)));
    write(kQueueNum, queue->size());
    write_address(kQueueDescLow, queue->descriptors_address());
    write_address(kQueueDriverLow, queue->available_address());
    write_address(kQueueDeviceLow, queue->used_address());
    write(kQueueReady, 1);
    return move(queue);
}

void VirtioDevice::write_address(u32 low, PhysAddr address) {
    write(low, static_cast<u32>(address.value));
    write(low + 4, static_cast<u32>(address.value >> 32));
}

void VirtioDevice::start() { set_status(kDriverOk); }
void VirtioDevice::fail() { set_status(kFailed); }

u32 VirtioDevice::acknowledge_interrupt() {
    u32 reasons = read(kInterruptStatus);
    write(kInterruptAcknowledge, reasons);
    return reasons;
}

void VirtioDevice::notify(u32 queue_index) { write(kQueueNotify, queue_index); }

u32 VirtioDevice::config32(u32 offset) const { return read(kConfig + offset); }

u64 VirtioDevice::config64(u32 offset) const {
    for (;;) {
        u32 before = read(kConfigGeneration);
        u64 low = read(kConfig + offset);
        u64 high = read(kConfig + offset + 4);
        if (read(kConfigGeneration) == before) return high << 32 | low;
    }
}
