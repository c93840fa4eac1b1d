// The address translation registers: satp, and sfence.vma in its forms. Nothing in mm flushes by
// itself; who changes a page table decides what other harts may still have cached of it.
// Reference: RISC-V Privileged Architecture, 4.1.11 (satp) and 4.2.1 (sfence.vma).
#pragma once
#include "base/address.h"
#include "base/panic.h"

inline constexpr u64 SATP_MODE_SV39 = u64{8} << 60;
inline constexpr unsigned SATP_ASID_SHIFT = 44;

// Forgets everything.
inline void flush_all() { asm volatile("sfence.vma" ::: "memory"); }

// flush_page forgets one page of one address space (also where a table on the way to it has
// changed); flush_global_page one page in all address spaces, global mappings too: the form for
// kernel addresses; flush_asid all of one address space except global mappings.
// BEGIN SOLUTION(paging.flush)
inline void flush_page(VirtAddr address, u64 asid) {
    asm volatile("sfence.vma %0, %1" ::"r"(address.value), "r"(asid) : "memory");
}
inline void flush_global_page(VirtAddr address) {
    asm volatile("sfence.vma %0, zero" ::"r"(address.value) : "memory");
}
inline void flush_asid(u64 asid) { asm volatile("sfence.vma zero, %0" ::"r"(asid) : "memory"); }
// END SOLUTION
// STUB: inline void flush_page(VirtAddr address, u64 asid) {
// STUB:     panic("paging.flush: yours to write (%#lx, %lu)", address.value, asid);
// STUB: }
// STUB: inline void flush_global_page(VirtAddr address) {
// STUB:     panic("paging.flush: yours to write (%#lx)", address.value);
// STUB: }
// STUB: inline void flush_asid(u64 asid) { panic("paging.flush: yours to write (%lu)", asid); }
// UNTIL: inline void flush_page(VirtAddr, u64) { panic("page tables come later"); }
// UNTIL: inline void flush_global_page(VirtAddr) { panic("page tables come later"); }
// UNTIL: inline void flush_asid(u64) { panic("page tables come later"); }

// Makes this hart translate by the table at `root` from the next instruction on. Flushes nothing:
// right when `asid` is new or its cached translations still hold. Never inlined, so that a debugger
// can look at a table before it is used.
[[gnu::noinline]] void switch_satp(PhysAddr root, u64 asid);
