// Virtio devices behind memory-mapped registers, and the split virtqueue through which driver and
// device pass buffers. Only the modern interface (version 2) is spoken; QEMU needs
// -global virtio-mmio.force-legacy=false.
// The caller brings the lock: a VirtioDevice is used while it is set up by one thread, a VirtQueue
// under its driver's spinlock.
// Reference: Virtual I/O Device (VIRTIO) 1.1, sections 2.6, 3.1 and 4.2.
#pragma once
#include "base/address.h"
#include "base/device_tree.h"
#include "base/owned.h"
#include "base/vector.h"

inline constexpr u32 kVirtioBlock = 2;  // a device id

inline constexpr u64 VIRTIO_F_VERSION_1 = u64{1} << 32;

class VirtQueue;

class VirtioDevice {
  public:
    // The registers behind a device-tree node "virtio,mmio"; changes nothing in the device.
    explicit VirtioDevice(TreeNode node);

    // Whether there is a device that speaks version 2, and its kind (0: an empty slot).
    bool usable() const;
    // A device that speaks only the interface of before version 1.0.
    bool legacy() const;
    u32 device_id() const;
    u32 irq() const { return irq_; }

    // Steps 1 to 6 of the initialisation: reset, acknowledge, driver, features, features-ok.
    // Accepts what the device offers of `wanted`; ENODEV where it refuses. Returns what is agreed.
    Result<u64> negotiate(u64 wanted);
    // Sets queue `index` up, with at most `most` entries, as many as the device allows.
    Result<Owned<VirtQueue>> create_queue(u32 index, u32 most);
    // Step 8: the device may work from here on.
    void start();
    // Tells the device that the driver has given up.
    void fail();

    // Reads and clears the reasons of an interrupt: bit 0 a used buffer, bit 1 a changed
    // configuration.
    u32 acknowledge_interrupt();
    void notify(u32 queue_index);

    // The device's own configuration, little-endian; reads again while it changes under our hands.
    u32 config32(u32 offset) const;
    u64 config64(u32 offset) const;

  private:
    u32 read(u32 offset) const;
    void write(u32 offset, u32 value);
    void write_address(u32 low, PhysAddr address);
    void set_status(u32 bits);

    volatile u8* registers_ = nullptr;
    u32 irq_ = 0;
};

// One element of a chain that is given to the device.
struct VirtBuffer {
    PhysAddr address;
    u32 size = 0;
    bool device_writes = false;
};

class VirtQueue : Immovable {
  public:
    static constexpr u32 kMaxSize = 32768;
    // `size` is a power of two.
    static Result<Owned<VirtQueue>> create(u32 size);
    VirtQueue() = default;  // use create()
    ~VirtQueue();

    u32 size() const { return size_; }
    u32 free_descriptors() const { return free_count_; }
    PhysAddr descriptors_address() const;
    PhysAddr available_address() const;
    PhysAddr used_address() const;

    // Offers a chain to the device under `token` (not null); it has at most free_descriptors()
    // elements, those the device writes come last. Call VirtioDevice::notify afterwards, once for
    // several chains, if wants_notification().
    void add(Span<const VirtBuffer> chain, void* token);
    bool wants_notification() const;
    // A chain that the device is done with: returns its token and how many bytes it wrote, or null
    // when there is none. Its descriptors are free again.
    void* take_used(u32& written);

  private:
    struct Descriptor;
    struct AvailableRing;
    struct UsedRing;

    u32 size_ = 0;
    u32 free_count_ = 0;
    u16 free_head_ = 0;  // free descriptors are linked by their next field
    u16 next_used_ = 0;  // the first entry of the used ring not yet looked at
    Descriptor* descriptors_ = nullptr;
    AvailableRing* available_ = nullptr;
    UsedRing* used_ = nullptr;
    Vector<void*> tokens_;  // by the chain's first descriptor; null: not with the device
};
