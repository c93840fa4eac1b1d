# Where the kernel starts, on the boot hart and on those that start later. Both come with paging off
# at a physical address, a0 = hart id; both leave with paging on, at the linked address.
#
# kernel_entry (a1 = device tree):
#   1. turn interrupts off and paging on, with a table of 1 GiB leaves written out below;
#   2. jump from the physical to the linked address of the same code;
#   3. take the boot stack and call kernel_main(hart id, device tree).
# secondary_entry (a1 = this hart's Hart): the same, with the stack that start_other_harts chose.

#include "cpu/stack_size.h"

# Steps 1 and 2; `next` holds the linked address to go on at.
    .macro turn_paging_on next
    csrw sie, zero
    csrci sstatus, 2
    la t0, first_page_table         # physical: the pc is
    srli t0, t0, 12
    li t1, 8 << 60                  # Sv39
    or t0, t0, t1
    sfence.vma
    csrw satp, t0
    ld t0, \next
    jr t0
    .endm

    .section .text.entry, "ax"
    .globl kernel_entry
kernel_entry:
    turn_paging_on linked_boot_start
boot_start:
    la sp, boot_stack_top
    li s0, 0                        # a frame pointer of 0 ends every backtrace
    li ra, 0
    call kernel_main

    .globl secondary_entry
secondary_entry:
    turn_paging_on linked_secondary_start
secondary_start:
    mv tp, a1
    ld t0, satp_for_new_harts       # the stack may be mapped in floor mm's table only
    beqz t0, 1f
    csrw satp, t0
    sfence.vma
1:
    ld sp, 8(tp)                    # Hart::scratch: the stack it was given
    li s0, 0
    li ra, 0
    call start_secondary_hart

    .balign 8
linked_boot_start:      .quad boot_start
linked_secondary_start: .quad secondary_start

# The first 128 GiB of physical memory at kLinearBase, and RAM's first gigabyte at its own address
# for the instructions between "paging on" and the jump. All leaves are V R W X G A D: floor mm
# replaces this table by one that keeps writing and executing apart.
    .section .data.page_aligned, "aw"
    .balign 4096
    .globl first_page_table
first_page_table:
    .quad 0, 0
    .quad (0x80000000 >> 2) | 0xef
    .fill 253, 8, 0
    .set page, 0
    .rept 128
    .quad (page << 28) | 0xef
    .set page, page + 1
    .endr
    .fill 128, 8, 0

# Stacks in slots as cpu/layout.h describes them: bit STACK_SHIFT of sp is set while sp is inside.
    .set STACK_SIZE, 1 << STACK_SHIFT
    .section .bss.stacks, "aw", @nobits
    .balign 2 * STACK_SIZE
    .skip STACK_SIZE
    .globl emergency_stacks
emergency_stacks:                   # an eighth for each of 8 harts
    .skip STACK_SIZE
    .skip STACK_SIZE
    .globl boot_stack
boot_stack:                         # above, as backtraces go on upwards
    .skip STACK_SIZE
    .globl boot_stack_top
boot_stack_top:
