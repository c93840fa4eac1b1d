// Where the kernel lives in the address space: all of physical memory, devices too, is mapped at
// one offset (the linear map), and the kernel is linked inside that map. entry.S builds it first,
// floor mm builds it again with proper permissions. See docs/cpu.md for the picture.
#pragma once
#include "base/address.h"
#include "cpu/stack_size.h"

// Upper half of Sv39: shared by all address spaces.
inline constexpr u64 kLinearBase = 0xffff'ffc0'0000'0000;  // physical 0, for 128 GiB
inline constexpr u64 kStackBase = 0xffff'ffe0'0000'0000;   // kernel stacks with guard pages
inline constexpr u64 kUserEnd = u64{1} << 38;              // first address above user space

// A kernel stack fills the upper half of a slot that is aligned to its size; the lower half is
// guard. So one bit of sp tells an overflow, and trap entry tests it (cpu/trap_entry.S).
inline constexpr usize kStackSize = usize{1} << STACK_SHIFT;
inline constexpr usize kStackSlot = 2 * kStackSize;

template <typename T = u8> T* linear_pointer(PhysAddr address) {
    return reinterpret_cast<T*>(address.value + kLinearBase);
}

inline PhysAddr physical_address(const void* linear) {
    return PhysAddr(reinterpret_cast<u64>(linear) - kLinearBase);
}

// Symbols of kernel.ld and the stacks of entry.S, as addresses.
extern "C" {
extern char boot_stack[], emergency_stacks[];
extern char boot_stage[], kernel_start[], text_end[], rodata_end[], data_end[], kernel_end[];
}
