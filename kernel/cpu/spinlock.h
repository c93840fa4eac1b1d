// Spinlocks with a rank. Taking one turns interrupts off on this hart until it is released, so an
// interrupt handler may share it. Debug builds (DEBUG=1, the default) keep the list of held locks
// per hart and panic on inversion of ranks and on release by another hart.
#pragma once
#include "base/annotations.h"
#include "base/atomic.h"
#include "cpu/hart.h"
#include "cpu/lock_rank.h"

class CAPABILITY("spinlock") SpinLock {
  public:
    constexpr SpinLock(LockRank rank, const char* name) : name_(name), rank_(rank) {}
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    void lock() ACQUIRE();
    void unlock() RELEASE();
    // Whether this hart holds it. Reliable where the answer is yes, or with interrupts off.
    bool held_here() const;

    const char* name() const { return name_; }
    LockRank rank() const { return rank_; }

  private:
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
