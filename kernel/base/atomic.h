// Atomic<T>: a value that several harts may touch without a lock. The defaults order as one mostly
// wants (loads acquire, stores release, read-modify-write both); compare std::atomic.
#pragma once
#include "base/types.h"

template <typename T> class Atomic {
  public:
    constexpr Atomic() = default;
    constexpr explicit Atomic(T value) : value_(value) {}
    Atomic(const Atomic&) = delete;
    Atomic& operator=(const Atomic&) = delete;

    T load() const { return load_as(__ATOMIC_ACQUIRE); }
    T load_relaxed() const { return load_as(__ATOMIC_RELAXED); }
    void store(T value) { __atomic_store(&value_, &value, __ATOMIC_RELEASE); }
    void store_relaxed(T value) { __atomic_store(&value_, &value, __ATOMIC_RELAXED); }
    T exchange(T value) {
        T before;
        __atomic_exchange(&value_, &value, &before, __ATOMIC_ACQ_REL);
        return before;
    }

    // Each returns the value before.
    T fetch_add(T n) { return __atomic_fetch_add(&value_, n, __ATOMIC_ACQ_REL); }
    T fetch_sub(T n) { return __atomic_fetch_sub(&value_, n, __ATOMIC_ACQ_REL); }
    T fetch_or(T bits) { return __atomic_fetch_or(&value_, bits, __ATOMIC_ACQ_REL); }
    T fetch_and(T bits) { return __atomic_fetch_and(&value_, bits, __ATOMIC_ACQ_REL); }

    // Sets the value to `desired` if it is `expected`; else reads it into `expected`.
    bool compare_exchange(T& expected, T desired) {
        // With ACQ_REL, GCC 12 leaves the release out: it makes lr.aq and sc.aq without a fence.
        return __atomic_compare_exchange(&value_, &expected, &desired, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST);
    }

  private:
    // The forms without _n take any type of such a size, also enumerations.
    T load_as(int order) const {
        T value;
        __atomic_load(&value_, &value, order);
        return value;
    }

    T value_{};
};

// Atomic instructions work on words: a flag takes one.
template <> class Atomic<bool> {
  public:
    constexpr Atomic() = default;
    constexpr explicit Atomic(bool value) : word_(value) {}

    bool load() const { return word_.load() != 0; }
    bool load_relaxed() const { return word_.load_relaxed() != 0; }
    void store(bool value) { word_.store(value); }
    void store_relaxed(bool value) { word_.store_relaxed(value); }
    bool exchange(bool value) { return word_.exchange(value) != 0; }

  private:
    Atomic<u32> word_;
};
