// The host's stand-in for cpu/spinlock.h: one thread runs, so a lock only checks that it is free
// when taken, and that ranks rise.
#pragma once
#include "base/annotations.h"
#include "base/panic.h"
#include "cpu/hart.h"
#include "cpu/lock_rank.h"

inline u8 host_highest_rank = 0;

class SpinLock {
  public:
    constexpr SpinLock(LockRank rank, const char*) : rank_(static_cast<u8>(rank)) {}
    void lock() {
        ASSERT(rank_ > host_highest_rank);
        before_ = exchange(host_highest_rank, rank_);
        host_interrupts_off++;
    }
    void unlock() {
        ASSERT(rank_ == host_highest_rank);
        host_highest_rank = before_;
        host_interrupts_off--;
    }

  private:
    u8 rank_;
    u8 before_ = 0;
};

class SpinGuard {
  public:
    explicit SpinGuard(SpinLock& lock) : lock_(lock) { lock_.lock(); }
    ~SpinGuard() { lock_.unlock(); }
    SpinGuard(const SpinGuard&) = delete;
    SpinGuard& operator=(const SpinGuard&) = delete;

  private:
    SpinLock& lock_;
};
