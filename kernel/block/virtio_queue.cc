// The split virtqueue: a table of descriptors, a ring by which the driver offers chains of them, and
// a ring by which the device gives them back. See virtio_mmio.h; reference: VIRTIO 1.1, section 2.6.
#include "block/virtio_mmio.h"
#include "cpu/csr.h"
#include "cpu/layout.h"

struct VirtQueue::Descriptor {
    u64 address;
    u32 size;
    u16 flags;
    u16 next;
};

struct VirtQueue::AvailableRing {
    u16 flags;
    u16 index;
    u16 ring[];
};

struct VirtQueue::UsedRing {
    struct Element {
        u32 id;
        u32 written;
    };
    u16 flags;
    u16 index;
    Element ring[];
};

namespace {

constexpr u16 VIRTQ_DESC_F_NEXT = 1;
constexpr u16 VIRTQ_DESC_F_WRITE = 2;
constexpr u16 VIRTQ_USED_F_NO_NOTIFY = 1;

// The rings are shared with the device, which changes them at any time.
template <typename T> T read_shared(const T& place) {
    return *const_cast<const volatile T*>(&place);
}
template <typename T> void write_shared(T& place, T value) {
    *const_cast<volatile T*>(&place) = value;
}

}  // namespace

Result<Owned<VirtQueue>> VirtQueue::create(u32 size) {
    static_assert(sizeof(Descriptor) == 16 && sizeof(UsedRing::Element) == 8);
    ASSERT(is_power_of_two(size) && size <= kMaxSize);
    Owned<VirtQueue> queue = TRY(make<VirtQueue>());
    // The three parts in one piece of memory, each aligned as section 2.6 asks: 16, 2 and 4.
    usize descriptor_bytes = sizeof(Descriptor) * size;
    usize available_bytes = align_up(sizeof(AvailableRing) + 2 * size + 2, 8);
    usize used_bytes = sizeof(UsedRing) + sizeof(UsedRing::Element) * size + 8;
    TRY(queue->tokens_.resize(size));
    u8* rings = static_cast<u8*>(heap_allocate(descriptor_bytes + available_bytes + used_bytes));
    queue->descriptors_ = reinterpret_cast<Descriptor*>(rings);
    if (rings == nullptr) return Errno{ENOMEM};
    memset(rings, 0, descriptor_bytes + available_bytes + used_bytes);
    queue->available_ = reinterpret_cast<AvailableRing*>(rings + descriptor_bytes);
    queue->used_ = reinterpret_cast<UsedRing*>(rings + descriptor_bytes + available_bytes);
    queue->size_ = queue->free_count_ = size;
    for (u32 i = 0; i < size; i++) queue->descriptors_[i].next = static_cast<u16>(i + 1);
    return move(queue);
}

VirtQueue::~VirtQueue() { heap_free(descriptors_); }

PhysAddr VirtQueue::descriptors_address() const { return physical_address(descriptors_); }
PhysAddr VirtQueue::available_address() const { return physical_address(available_); }
PhysAddr VirtQueue::used_address() const { return physical_address(used_); }

void VirtQueue::add(Span<const VirtBuffer> chain, void* token) {
    ASSERT(!chain.empty() && chain.size() <= free_count_);
    // BEGIN SOLUTION(disk.submit)
    u16 head = free_head_;
    for (usize i = 0; i < chain.size(); i++) {
        Descriptor& descriptor = descriptors_[free_head_];
        descriptor.address = chain[i].address.value;
        descriptor.size = chain[i].size;
        descriptor.flags = chain[i].device_writes ? VIRTQ_DESC_F_WRITE : 0;
        descriptor.flags |= i + 1 < chain.size() ? VIRTQ_DESC_F_NEXT : 0;
        free_head_ = descriptor.next;  // the chain runs along the free list
    }
    free_count_ -= static_cast<u32>(chain.size());
    tokens_[head] = token;

    u16 index = available_->index;
    available_->ring[index % size_] = head;
    // The device may look at the chain as soon as it sees the new index.
    device_fence();
    write_shared(available_->index, static_cast<u16>(index + 1));
    // END SOLUTION
    // STUB: panic("disk.submit: yours to write (%zu buffers, %p)", chain.size(), token);
}

bool VirtQueue::wants_notification() const {
    // The index must be visible before the flag is read: the device does it the other way round.
    device_fence();
    return (read_shared(used_->flags) & VIRTQ_USED_F_NO_NOTIFY) == 0;
}

void* VirtQueue::take_used(u32& written) {
    // BEGIN SOLUTION(disk.complete)
    for (;;) {
        if (read_shared(used_->index) == next_used_) return nullptr;
        device_fence();
        const UsedRing::Element& element = used_->ring[next_used_ % size_];
        next_used_++;
        u32 head = read_shared(element.id);
        written = read_shared(element.written);
        if (head >= size_ || tokens_[head] == nullptr) {
            continue;  // a device that names a chain it does not have
        }
        // The chain becomes the front of the free list.
        u16 last = static_cast<u16>(head);
        free_count_++;
        while ((descriptors_[last].flags & VIRTQ_DESC_F_NEXT) != 0) {
            last = descriptors_[last].next;
            free_count_++;
        }
        descriptors_[last].next = free_head_;
        free_head_ = static_cast<u16>(head);
        return exchange(tokens_[head], nullptr);
    }
    // END SOLUTION
    // STUB: panic("disk.complete: yours to write (%u)", written);
}
