// The host's stand-in for cpu/layout.h: "physical" addresses are an offset away from a buffer.
#pragma once
#include "base/address.h"

inline u64 host_linear_base;  // where physical address 0 would be

inline constexpr u64 kUserEnd = u64{1} << 38;
inline constexpr usize kStackSize = 16 * 1024;

template <typename T = u8> T* linear_pointer(PhysAddr address) {
    return reinterpret_cast<T*>(address.value + host_linear_base);
}
inline PhysAddr physical_address(const void* linear) {
    return PhysAddr(reinterpret_cast<u64>(linear) - host_linear_base);
}
