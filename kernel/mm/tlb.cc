// Switching address spaces, and flushing the TLBs of other harts. Interface: mm/tlb.h.
// Reference: RISC-V SBI specification 1.0, chapter 8 (RFENCE).
#include "mm/tlb.h"

#include "cpu/console.h"
#include "cpu/csr.h"
#include "cpu/hart.h"
#include "cpu/sbi.h"

void switch_satp(PhysAddr root, u64 asid) {
    // BEGIN SOLUTION(paging.switch_satp)
    write_csr(satp, SATP_MODE_SV39 | asid << SATP_ASID_SHIFT | root.value >> kPageShift);
    // END SOLUTION
    // STUB: kprintf("paging.switch_satp: yours to write (%#lx, %lu)\n", root.value, asid);
    // UNTIL: (void)root, (void)asid;
}

void flush_all_harts(VirtAddr start, u64 size) {
    constexpr u64 kRfence = 0x52464e43;
    constexpr u64 kRemoteSfenceVma = 1;
    constexpr u64 kAllHarts = ~u64{0};
    if (hart_count() == 1) {
        for (VirtAddr at = start; at < start + size; at += kPageSize) flush_global_page(at);
        return;
    }
    // The firmware refuses only what the specification has it refuse: harts that do not exist.
    sbi_call(kRfence, kRemoteSfenceVma, 0, kAllHarts, start.value, size);
}
