// Spinlocks with a rank. Taking one turns interrupts off on this hart until it is released, so an
// interrupt handler may share it. Debug builds (DEBUG=1, the default) keep the list of held locks
// per hart and panic on inversion of ranks and on release by another hart.
#pragma once
#include "base/annotations.h"
#include "base/atomic.h"
#include "base/panic.h"
#include "cpu/hart.h"
#include "cpu/lock_rank.h"

class CAPABILITY("spinlock") SpinLock {
  public:
    constexpr SpinLock(LockRank rank, const char* name) : name_(name), rank_(rank) {}
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    void lock() ACQUIRE();
    void unlock() RELEASE();
    // Whether this hart holds it; false for every lock that another hart holds.
    bool held_here() const { return owner_ == &this_hart(); }

    const char* name() const { return name_; }
    LockRank rank() const { return rank_; }

  private:
    void spin();

    Atomic<u32> locked_{0};
    Hart* owner_ = nullptr;
    const char* name_;
    LockRank rank_;
};

class SCOPED_CAPABILITY SpinGuard {
  public:
    explicit SpinGuard(SpinLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
    ~SpinGuard() RELEASE() { lock_.unlock(); }
    SpinGuard(const SpinGuard&) = delete;
    SpinGuard& operator=(const SpinGuard&) = delete;

  private:
    SpinLock& lock_;
};

// Panics, in debug builds, if this hart holds a spinlock: called wherever a thread may sleep.
void assert_may_sleep();
// Prints the locks that a hart holds (for panic and the debugger).
void print_held_locks(const Hart& hart);

// The list of held locks (debug builds). note_lock panics if the new lock's rank is not above all.
void note_lock(SpinLock& lock);
void forget_lock(SpinLock& lock);
// Debug builds, if not null: called after each release, with the lock's rank. Floor thread sets it
// to try other interleavings of threads there.
extern void (*spinlock_released)(LockRank rank);

inline void SpinLock::lock() NO_THREAD_SAFETY_ANALYSIS {
    push_interrupts_off();
    if constexpr (DEBUG) {
        note_lock(*this);
    }
    // BEGIN SOLUTION(multicore.acquire)
    if (locked_.exchange(1) != 0) [[unlikely]]
        spin();
    // END SOLUTION
    // STUB: panic("multicore.acquire: yours to write");
    // UNTIL: locked_.store_relaxed(1);
    owner_ = &this_hart();
}

inline void SpinLock::unlock() NO_THREAD_SAFETY_ANALYSIS {
    if constexpr (DEBUG) {
        forget_lock(*this);
    }
    owner_ = nullptr;
    LockRank rank = rank_;  // once released, the lock may cease to exist
    // BEGIN SOLUTION(multicore.release)
    locked_.store(0);
    // END SOLUTION
    // STUB: panic("multicore.release: yours to write");
    // UNTIL: locked_.store_relaxed(0);
    pop_interrupts_off();
    if constexpr (DEBUG) {
        if (spinlock_released != nullptr) [[unlikely]]
            spinlock_released(rank);
    }
}
