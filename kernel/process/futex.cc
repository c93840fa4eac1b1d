// Waiting for a word of user memory to change: futex(2), WAIT and WAKE. A word in private memory is
// known by its space and address, one in shared memory by its object and offset.
#include "abi/futex.h"
#include "abi/time.h"
#include "process/syscall.h"
#include "process/user_thread.h"
#include "process/user_time.h"

namespace {

struct FutexKey {
    const void* object = nullptr;
    u64 offset = 0;
    bool operator==(const FutexKey& other) const = default;
};

struct FutexWaiter {
    FutexKey key;
    u32 bits = 0;
    bool woken = false;
    WaitQueue queue;
    ListNode node;
};

constinit SpinLock futex_lock{LockRank::kFutex, "futex"};
constinit List<FutexWaiter, &FutexWaiter::node> waiters GUARDED_BY(futex_lock);

Result<FutexKey> key_of(AddressSpace& space, UserAddress address) {
    if (address.value % sizeof(u32) != 0) return Errno{EINVAL};
    MutexGuard guard(space.lock);
    const Area* area = space.find_area(address);
    if (area == nullptr) return Errno{EFAULT};
    if (area->is_shared() && area->pager) {
        u64 offset = area->page_index(address) * kPageSize + address.page_offset();
        return FutexKey{area->pager.get(), offset};
    }
    return FutexKey{&space, address.value};
}

u32 wake_by_key(const FutexKey& key, u32 count, u32 bits) {
    u32 woken = 0;
    SpinGuard guard(futex_lock);
    for (FutexWaiter& waiter : waiters) {
        if (woken == count) break;
        if (waiter.key == key && (waiter.bits & bits) != 0) {
            waiter.node.unlink();
            waiter.woken = true;
            waiter.queue.wake_one();
            woken++;
        }
    }
    return woken;
}

// The waiter stands in the list before the word is read: a waker that changes the word afterwards
// finds it.
Result<void> wait_on_word(UserAddress address, u32 expected, u64 deadline, u32 bits) {
    FutexWaiter waiter;
    waiter.key = TRY(key_of(*current_process().space, address));
    waiter.bits = bits;
    {
        SpinGuard guard(futex_lock);
        waiters.push_back(waiter);
    }
    Result<u32> value = UserIn<u32>(address).read();
    SpinGuard guard(futex_lock);
    Result<void> outcome;
    if (!value.ok()) {
        outcome = value.error();
    } else if (*value != expected) {
        outcome = Errno{EAGAIN};
    } else {
        outcome = keep_deadline(deadline, wait_until_deadline(waiter.queue, futex_lock, deadline,
                                                              [&] { return waiter.woken; }));
    }
    if (waiter.woken) return {};
    waiter.node.unlink();
    return outcome;
}

}  // namespace

u32 wake_futex(AddressSpace& space, UserAddress address, u32 count) {
    Result<FutexKey> key = key_of(space, address);
    return key.ok() ? wake_by_key(*key, count, FUTEX_BITSET_MATCH_ANY) : 0;
}

static Result<i64> sys_futex(UserAddress address, u32 operation, u32 value,
                             UserIn<struct timespec> timeout, UserAddress, u32 bits) {
    u32 command = operation & FUTEX_CMD_MASK;
    bool has_bits = command == FUTEX_WAIT_BITSET || command == FUTEX_WAKE_BITSET;
    bits = has_bits ? bits : FUTEX_BITSET_MATCH_ANY;
    if (bits == 0) return Errno{EINVAL};
    if (command == FUTEX_WAKE || command == FUTEX_WAKE_BITSET) {
        FutexKey key = TRY(key_of(*current_process().space, address));
        return wake_by_key(key, value, bits);
    }
    if (command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET) return Errno{ENOSYS};
    u64 deadline = kNever;
    if (!timeout.is_null()) {
        deadline = TRY(read_time(timeout));
        if (command == FUTEX_WAIT)
            deadline = deadline_after(deadline);
        else if ((operation & FUTEX_CLOCK_REALTIME) != 0)
            deadline = deadline_of_wall_clock(deadline);
    }
    TRY(wait_on_word(address, value, deadline, bits));
    return 0;
}
SYSCALL(futex);
