// Physical and virtual addresses as types of their own, so that one is never taken for the other,
// and the size of a page. How the kernel maps one to the other is floor cpu's business (cpu/layout.h).
#pragma once
#include "base/types.h"

inline constexpr unsigned kPageShift = 12;
inline constexpr usize kPageSize = usize{1} << kPageShift;

// The parts that both kinds share; `Tag` keeps them apart.
template <typename Tag> struct Address {
    u64 value = 0;

    constexpr Address() = default;
    constexpr explicit Address(u64 v) : value(v) {}

    constexpr Address operator+(u64 bytes) const { return Address(value + bytes); }
    constexpr Address operator-(u64 bytes) const { return Address(value - bytes); }
    constexpr u64 operator-(Address other) const { return value - other.value; }
    constexpr Address& operator+=(u64 bytes) { return *this = *this + bytes; }
    constexpr bool operator==(Address other) const { return value == other.value; }
    constexpr bool operator<(Address other) const { return value < other.value; }
    constexpr bool operator<=(Address other) const { return value <= other.value; }
    constexpr bool operator>(Address other) const { return value > other.value; }
    constexpr bool operator>=(Address other) const { return value >= other.value; }

    constexpr u64 page_offset() const { return value & (kPageSize - 1); }
    constexpr Address page_down() const { return Address(align_down(value, kPageSize)); }
    constexpr Address page_up() const { return Address(align_up(value, kPageSize)); }
    constexpr bool is_aligned(u64 to) const { return value % to == 0; }
};

using PhysAddr = Address<struct PhysTag>;
using VirtAddr = Address<struct VirtTag>;
