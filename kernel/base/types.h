// Integer names and the few type tools that the rest of the vocabulary is built from.
// Interface: u8 … u64, i8 … i64, usize, move, forward, swap, exchange, min, max.
#pragma once
#include <stddef.h>
#include <stdint.h>

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using i8 = int8_t;
using i16 = int16_t;
using i32 = int32_t;
using i64 = int64_t;
using usize = size_t;

template <typename T> struct RemoveReference { using Type = T; };
template <typename T> struct RemoveReference<T&> { using Type = T; };
template <typename T> struct RemoveReference<T&&> { using Type = T; };

template <typename T> constexpr typename RemoveReference<T>::Type&& move(T&& value) {
    return static_cast<typename RemoveReference<T>::Type&&>(value);
}

template <typename T> constexpr T&& forward(typename RemoveReference<T>::Type& value) {
    return static_cast<T&&>(value);
}

template <typename T> constexpr void swap(T& a, T& b) {
    T old = move(a);
    a = move(b);
    b = move(old);
}

// Sets `place` to `value` and returns what was there.
template <typename T, typename U = T> constexpr T exchange(T& place, U&& value) {
    T old = move(place);
    place = forward<U>(value);
    return old;
}

template <typename T> constexpr T min(T a, T b) { return b < a ? b : a; }
template <typename T> constexpr T max(T a, T b) { return a < b ? b : a; }

constexpr bool is_power_of_two(u64 n) { return n != 0 && (n & (n - 1)) == 0; }

// `alignment` is a power of two; align_up wraps at 2^64, so check sizes from outside first.
constexpr u64 align_down(u64 n, u64 alignment) { return n & ~(alignment - 1); }
constexpr u64 align_up(u64 n, u64 alignment) { return align_down(n + alignment - 1, alignment); }
constexpr u64 divide_up(u64 n, u64 by) { return n / by + (n % by != 0); }

// The base-2 logarithm, rounded down; n is not 0. No instruction of rv64imac counts leading zeros, so
// __builtin_clzll would call a library that the kernel does not have.
constexpr unsigned log2_floor(u64 n) {
    unsigned log = 0;
    for (unsigned step = 32; step > 0; step /= 2) {
        if (n >> step != 0) {
            n >>= step;
            log += step;
        }
    }
    return log;
}

// The number of the lowest bit that is set; n is not 0. Halves the range six times: without the Zbb
// extension there is no instruction for it, and the compiler's library is not linked.
constexpr unsigned lowest_bit(u64 n) {
    unsigned bit = 0;
    for (unsigned width = 32; width > 0; width /= 2) {
        if ((n & ((u64{1} << width) - 1)) == 0) {
            n >>= width;
            bit += width;
        }
    }
    return bit;
}

// a + b, or false where the sum does not fit in 64 bits.
constexpr bool add_fits(u64 a, u64 b, u64& sum) { return !__builtin_add_overflow(a, b, &sum); }

template <typename T, usize N> constexpr usize array_size(const T (&)[N]) { return N; }

template <typename T, usize N> struct Array {
    T items[N];

    constexpr T& operator[](usize i) { return items[i]; }
    constexpr const T& operator[](usize i) const { return items[i]; }
    static constexpr usize size() { return N; }
    constexpr T* begin() { return items; }
    constexpr T* end() { return items + N; }
    constexpr const T* begin() const { return items; }
    constexpr const T* end() const { return items + N; }
};

// A class that owns something inherits this to be neither copied nor moved.
struct Immovable {
    Immovable() = default;
    Immovable(const Immovable&) = delete;
    Immovable& operator=(const Immovable&) = delete;
};
