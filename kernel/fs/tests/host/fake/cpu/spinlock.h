// The host's stand-in for cpu/spinlock.h: one thread runs, so a lock only checks that ranks rise
// and that what is taken last is released first.
#pragma once
#include "base/annotations.h"
#include "base/atomic.h"
#include "base/panic.h"
#include "cpu/lock_rank.h"

inline u8 host_highest_rank = 0;

class HostLock : Immovable {
  public:
    constexpr HostLock(LockRank rank, const char*) : rank_(static_cast<u8>(rank)) {}
    void lock() {
        ASSERT(rank_ >= host_highest_rank);
        lock_nested();
    }
    void lock_nested() {
        ASSERT(!held_);
        held_ = true;
        before_ = exchange(host_highest_rank, max(rank_, host_highest_rank));
    }
    void unlock() {
        ASSERT(held_);
        held_ = false;
        host_highest_rank = before_;
    }

  private:
    u8 rank_;
    u8 before_ = 0;
    bool held_ = false;
};

using SpinLock = HostLock;

class SpinGuard : Immovable {
  public:
    explicit SpinGuard(HostLock& lock) : lock_(lock) { lock_.lock(); }
    ~SpinGuard() { lock_.unlock(); }

  private:
    HostLock& lock_;
};
