// The slow path of spinlocks, and what debug builds check about them.
#include "cpu/spinlock.h"

#include "cpu/console.h"
#include "cpu/panic.h"

void (*spinlock_released)(LockRank rank) = nullptr;

void SpinLock::spin() {
    do {
        // Read until it looks free: a swap would take the cache line from its owner each time.
        while (locked_.load_relaxed() != 0) stop_if_panicking();
    } while (locked_.exchange(1) != 0);
}

void note_lock(SpinLock& lock) {
    Hart& hart = this_hart();
    for (u32 i = 0; i < hart.held_count; i++) {
        SpinLock* held = hart.held_locks[i];
        if (held->rank() >= lock.rank() && !panicking()) {
            panic("lock order: '%s' is taken while '%s' is held, which comes later in lock_rank.h",
                  lock.name(), held->name());
        }
    }
    if (hart.held_count < kMaxHeldLocks) hart.held_locks[hart.held_count++] = &lock;
}

void forget_lock(SpinLock& lock) {
    Hart& hart = this_hart();
    for (u32 i = hart.held_count; i > 0; i--) {
        if (hart.held_locks[i - 1] == &lock) {
            for (u32 j = i; j < hart.held_count; j++) hart.held_locks[j - 1] = hart.held_locks[j];
            hart.held_count--;
            return;
        }
    }
    if (!panicking()) {
        panic("lock '%s' is released by hart %u, which does not hold it", lock.name(), hart.index);
    }
}

void assert_may_sleep() {
    InterruptsOff off;
    Hart& hart = this_hart();
    if (DEBUG && hart.held_count > 0 && !panicking()) {
        panic("a thread may not sleep here: it holds the spinlock '%s'",
              hart.held_locks[0]->name());
    }
}

void print_held_locks(const Hart& hart) {
    for (u32 i = 0; i < hart.held_count; i++) {
        kprintf("  hart %u holds '%s'\n", hart.index, hart.held_locks[i]->name());
    }
}
