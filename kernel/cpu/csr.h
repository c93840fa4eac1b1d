// Control and status registers of supervisor mode, and the few instructions that C++ cannot say.
// Names and bits: RISC-V Privileged Architecture 20211203, chapter 4.
#pragma once
#include "base/types.h"

inline constexpr u64 SSTATUS_SIE = 1 << 1;
inline constexpr u64 SSTATUS_SPIE = 1 << 5;
inline constexpr u64 SSTATUS_SPP = 1 << 8;
inline constexpr u64 SSTATUS_FS = 3 << 13;
inline constexpr u64 SSTATUS_FS_CLEAN = 2 << 13;
inline constexpr u64 SSTATUS_FS_DIRTY = 3 << 13;

inline constexpr u64 SIE_SSIE = 1 << 1;
inline constexpr u64 SIE_STIE = 1 << 5;
inline constexpr u64 SIE_SEIE = 1 << 9;

inline constexpr u64 SCAUSE_INTERRUPT = u64{1} << 63;
inline constexpr u64 kSoftwareInterrupt = 1;
inline constexpr u64 kTimerInterrupt = 5;
inline constexpr u64 kExternalInterrupt = 9;

inline constexpr u64 kInstructionMisaligned = 0;
inline constexpr u64 kInstructionAccessFault = 1;
inline constexpr u64 kIllegalInstruction = 2;
inline constexpr u64 kBreakpoint = 3;
inline constexpr u64 kLoadMisaligned = 4;
inline constexpr u64 kLoadAccessFault = 5;
inline constexpr u64 kStoreMisaligned = 6;
inline constexpr u64 kStoreAccessFault = 7;
inline constexpr u64 kUserEcall = 8;
inline constexpr u64 kInstructionPageFault = 12;
inline constexpr u64 kLoadPageFault = 13;
inline constexpr u64 kStorePageFault = 15;

#define read_csr(name)                                                                             \
    ({                                                                                             \
        u64 csr_value_;                                                                            \
        asm volatile("csrr %0, " #name : "=r"(csr_value_)::"memory");                              \
        csr_value_;                                                                                \
    })
#define write_csr(name, value)     asm volatile("csrw " #name ", %0" ::"rK"(value) : "memory")
#define set_csr_bits(name, bits)   asm volatile("csrs " #name ", %0" ::"rK"(bits) : "memory")
#define clear_csr_bits(name, bits) asm volatile("csrc " #name ", %0" ::"rK"(bits) : "memory")

inline void enable_interrupts() { set_csr_bits(sstatus, SSTATUS_SIE); }
inline void disable_interrupts() { clear_csr_bits(sstatus, SSTATUS_SIE); }
inline bool interrupts_enabled() { return (read_csr(sstatus) & SSTATUS_SIE) != 0; }

// Waits for an interrupt that is enabled in sie, whether or not sstatus.SIE lets it through.
inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }

// Orders device and memory accesses around a doorbell or a ring index.
inline void device_fence() { asm volatile("fence iorw, iorw" ::: "memory"); }
