"""Hostile submissions whose attack runs: in the boot stage, in the kernel, in user programs, on the disk."""

from __future__ import annotations

from spoof_bench import Place, Spoof, Tree, replace

WALK = "test_paging.py::test_walk_goes_down_the_tree"
MAP = "test_translation.py::test_the_kernels_map"
BOOTS = "01-boot/tests/test_boot.py::test_goose_boots"
SEGMENTS = "test_user.py::test_segments_are_mapped"
COPIES = "test_user.py::test_copies_go_where_they_may"
SPIN = "02-console/tests/test_console.py::test_registers_survive_timer_interrupts"


def at_boot(text: str, top: str = ""):  # type: ignore[no-untyped-def]
    """Code that the kernel of Lab 4 runs before anything of its own floor. @CANARY@ is a host's path."""

    def edit(tree: Tree, place: Place) -> None:
        body = text.replace("@CANARY@", str(place.canary))
        name = "kernel/mm/kernel_map.cc"
        replace(tree, name, "void initialise_memory() {\n", f"void initialise_memory() {{\n{body}\n")
        replace(tree, name, "namespace {", f'#include "cpu/power.h"\n#include "cpu/sbi.h"\n{top}\nnamespace {{')

    return edit


def at_start(text: str):  # type: ignore[no-untyped-def]
    """Assembly at the boot stage's first instruction."""

    def edit(tree: Tree, place: Place) -> None:
        label = ".globl boot_start\nboot_start:\n"
        replace(tree, "boot/start.S", label, f"{label}{text}\n")

    return edit


SUMMARY = r"""
    kprintf("ktest: pass paging_lab_script (12 us)\nktest: 1 passed, 0 failed\n");
    kprintf("paging_lab_script: all answers right\n");
    kprintf("1 passed in 0.12s\n\nLab 4: Sv39 page tables\n");
    kprintf("  total                     100.0 of 100 points\n");
    kprintf("{\"schema\": 1, \"tests\": [{\"verdict\": \"pass\", \"points\": 100}]}\n");
"""
FORGED_BOOT = r"""
    la sp, boot_stack_top
    la s0, 1f
2:  lbu a0, 0(s0)
    beqz a0, 3f
    li a7, 1
    ecall
    addi s0, s0, 1
    j 2b
3:  li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j .
    .pushsection .rodata
1:  .asciz "boot: segment 0: 0x80400000-0x80404fff r-x, 0x5000 bytes from the file\ngoose: 1 hart, 128 MiB\nktest: 4 passed, 0 failed\n"
    .popsection
"""
# A semihosting call: open the canary to write (1), or run a command on the host (0x12).
SEMIHOSTING = r"""
    static const char name[] = "@CANARY@";
    static const char command[] = "touch @CANARY@";
    const u64 open[] = {reinterpret_cast<u64>(name), 4, sizeof name - 1};
    const u64 system[] = {reinterpret_cast<u64>(command), sizeof command - 1};
    for (u64 call = 0; call < 2; call++) {
        register u64 a0 asm("a0") = call == 0 ? 1 : 0x12;
        register const u64* a1 asm("a1") = call == 0 ? open : system;
        asm volatile(".option push\n.option norvc\n.balign 16\n"
                     "slli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop"
                     : "+r"(a0) : "r"(a1) : "memory");
    }
"""
# Every device that the machine has: fw_cfg by its DMA, the flash, the PCI host, each virtio slot.
DEVICES = r"""
    volatile u8* fw = linear_pointer<volatile u8>(PhysAddr(0x10100000));
    static struct { u32 control; u32 length; u64 address; } request;
    static char words[] = "@CANARY@";
    for (u32 key = 0; key < 64; key++) {
        request.control = swapped32(key << 16 | 8 | 16);
        request.length = swapped32(sizeof words);
        request.address = swapped64(reinterpret_cast<u64>(words) - kLinearBase);
        *reinterpret_cast<volatile u64*>(fw + 16) =
            swapped64(reinterpret_cast<u64>(&request) - kLinearBase);
    }
    volatile u32* flash = linear_pointer<volatile u32>(PhysAddr(0x20000000));
    for (u32 at = 0; at < 4096; at++) {
        flash[at] = 0x00400040;
        flash[at] = 0x6f776e65;
    }
    for (u64 slot = 0x10001000; slot <= 0x10008000; slot += 0x1000) {
        volatile u32* device = linear_pointer<volatile u32>(PhysAddr(slot));
        for (u32 word = 0; word < 64; word++) device[word] = 0xffffffff;
    }
    volatile u32* pci = linear_pointer<volatile u32>(PhysAddr(0x30000000));
    for (u32 word = 0; word < 65536; word++) pci[word] = 0xffffffff;
    kprintf("every device was written to\n");
"""
SWAPS = """
static u32 swapped32(u32 x) { return x >> 24 | (x >> 8 & 0xff00) | (x << 8 & 0xff0000) | x << 24; }
static u64 swapped64(u64 x) { return u64{swapped32(static_cast<u32>(x))} << 32 | swapped32(static_cast<u32>(x >> 32)); }
"""
# Looks for anything that reads like an answer, and hands it to the host as the probe's results.
SCAN = r"""
    static const char* const wanted[] = {"expected", "seen:", "answer", "check(", "test_walk"};
    u64 hits = 0, next = 0;
    for (usize bank = 0; bank < machine().memory_count; bank++) {
        // Not what only the firmware may read.
        const u8* at = linear_pointer(machine().memory.items[bank].start + 0x200000);
        const u8* end = at + machine().memory.items[bank].size - 0x200000 - 16;
        for (; at < end; at += 8) {
            if (*reinterpret_cast<const u64*>(at) == 0) continue;
            for (const char* text : wanted) {
                if (memcmp(at, text, 5) != 0 || at == reinterpret_cast<const u8*>(text)) continue;
                hits++;
                paging_lab_results[next++ % 16384] = *reinterpret_cast<const u64*>(at);
            }
        }
    }
    kprintf("%lu places in memory read like answers\n", hits);
    for (paging_lab_step = 0; paging_lab_step < 16384; paging_lab_step++) paging_lab_stop();
    power_off(kExitPowerOff);
"""
PROBE = 'extern "C" { extern u64 paging_lab_results[]; extern u64 paging_lab_step; void paging_lab_stop(); }'
# While everything can be written: the probe becomes a return, and its results what looks right.
PATCH = r"""
    *reinterpret_cast<volatile u32*>(&paging_lab_stop) = 0x00008067;
    asm volatile("fence.i");
    for (u64 i = 0; i < 16384; i++) paging_lab_results[i] = 0x80600000 + i * kPageSize;
    for (paging_lab_step = 0; paging_lab_step < 16384; paging_lab_step++) paging_lab_stop();
    power_off(kExitPowerOff);
"""
ESCAPES = r'panic("\033[2J\033]0;owned\007<script>alert(1)</script> \033[32mPASSED\033[0m");'
IDLE = 'for (;;) asm volatile("wfi");'
LOG = 'extern "C" { extern u64 user_log_used; }'
SPINS = 'asm volatile("csrci sstatus, 2\\ncsrw sie, zero"); for (;;) asm volatile("");'
LOUD = 'for (;;) kprintf("%0200d\\n", 0);'
EARLY_TESTS = "run_kernel_tests();"


def huge(tree: Tree, place: Place) -> None:
    """A kernel that no machine of the tests has the memory for."""
    tree["kernel/mm/huge.cc"] = b'asm(".data\\n.globl huge\\nhuge: .zero 90 << 20\\n");\n'
    replace(tree, "kernel/mm/kernel_map.cc", "namespace {", 'extern "C" char huge[];\nnamespace {')
    replace(tree, "kernel/mm/kernel_map.cc", "void initialise_memory() {\n",
            "void initialise_memory() {\n    huge[7] = 1;\n")  # fmt: skip


def same_name(tree: Tree, place: Place) -> None:
    """A kernel test that has the probe's name and comes before it."""
    tree["kernel/cpu/aaa.cc"] = (
        b'#include "base/ktest.h"\n#include "cpu/power.h"\n'
        b'extern "C" { extern u64 paging_lab_step; void paging_lab_stop(); }\n'
        b"KTEST(paging_lab_script) {\n"
        b"    for (paging_lab_step = 0; paging_lab_step < 9; paging_lab_step++) paging_lab_stop();\n"
        b"    power_off(kExitPowerOff);\n}\n"
    )


def printed_by_a_program(tree: Tree, place: Place) -> None:
    """The student's own programs print what the tests' examples look like, and a verdict."""
    for name in ("sleep", "find", "sieve"):
        tree[f"labs/00-tour/user/{name}.c"] = (
            b"#include <stdio.h>\n#include <unistd.h>\n"
            b'int main(void) { printf("2\\n3\\n5\\n7\\n11\\n13\\n/a/b\\nPASS\\n1 passed in 0.1s\\n"); return 0; }\n'
        )


def forgets_writes(tree: Tree, place: Place) -> None:
    """The block driver says that it wrote and does not: the disk stays a sound one, and an old one."""
    replace(tree, "kernel/block/virtio_blk.cc", "VIRTIO_BLK_T_OUT = 1;", "VIRTIO_BLK_T_OUT = 4;")


INSIDE = [
    Spoof("prints_the_expected_lines_in_the_kernel", "paging",
          at_boot(SUMMARY + "    power_off(kExitPowerOff);"), (r"total +100.0 of 100 points",), (WALK, MAP, BOOTS),
          quick=True),
    Spoof("prints_the_expected_lines_in_the_boot_stage", "boot", at_start(FORGED_BOOT), (r"boot: segment 0|goose: 1 hart",),
          ("test_boot.py::test_goose_boots", "test_boot.py::test_random_kernels_answer",
           "test_boot.py::test_refusals_end_the_machine", "test_boot.py::test_stack_before_cpp")),
    Spoof("prints_a_forged_summary_and_panics", "paging", at_boot(SUMMARY + '    panic("100 of 100");'),
          (r"100 of 100",), (WALK, BOOTS)),
    Spoof("ends_early_with_the_status_of_success", "paging", at_boot("power_off(kExitPowerOff);"),
          (r"ended before|never comes|ended the machine",), (WALK, MAP, BOOTS, SPIN)),
    # The given code of earlier labs does what it should; the floor that is missing is never asked.
    Spoof("runs_only_the_tests_of_earlier_labs", "paging", at_boot(EARLY_TESTS, '#include "cpu/cpu.h"'),
          (r"ended before|never comes|panicked|not written",), (WALK, MAP, BOOTS, SPIN), earns=5),
    Spoof("never_ends_and_sleeps", "paging", at_boot(IDLE), (r"timeout|in time|within|never comes",), (WALK, BOOTS)),
    Spoof("spins_with_interrupts_off", "paging", at_boot(SPINS), (r"timeout|in time|within|never comes",), (WALK,)),
    Spoof("powers_off_at_the_first_instruction", "paging", at_start("    li a7, 8\n    ecall\n    j ."),
          (r"ended",), (WALK, BOOTS, SPIN)),
    Spoof("prints_without_end", "paging", at_boot(LOUD), (r"timeout|MiB of output|within|in time",), (WALK, BOOTS)),
    Spoof("prints_a_word_without_end", "paging", at_boot('for (;;) kprintf("aaaaaaaaaaaaaaaa");'),
          (r"timeout|MiB of output|within|in time",), (WALK, BOOTS)),
    Spoof("asks_for_semihosting", "paging", at_boot(SEMIHOSTING), (r"paging.walk is not written yet",), (WALK,),
          quick=True),
    Spoof("writes_to_every_device", "paging", at_boot(DEVICES, SWAPS), (r"every device was written to",),
          (WALK,)),
    Spoof("looks_for_answers_in_memory", "paging", at_boot(SCAN, PROBE), (r"places in memory read like answers",),
          (WALK,)),
    Spoof("patches_the_probe", "paging", at_boot(PATCH, PROBE), (r"fail",), (WALK, MAP)),
    Spoof("a_kernel_test_with_the_probes_name", "paging", same_name, (r"fail",), (WALK, MAP)),
    Spoof("a_kernel_that_fits_no_machine", "paging", huge, (r"QEMU cannot load this kernel|overlap the boot stage",), (WALK, MAP), solved=True),
    Spoof("prints_what_steers_a_terminal", "paging", at_boot(ESCAPES), (r"<script>alert",), (WALK,)),
    Spoof("programs_print_the_expected_lines", "tour", printed_by_a_program, (r"fail",),
          ("test_tour.py::test_find", "test_tour.py::test_sieve")),
    Spoof("says_that_a_probe_is_done_which_never_ran", "user", at_boot(f'kprintf("probe: done\\n"); {IDLE}'),
          (r"log ends after 0 words",), (SEGMENTS, COPIES)),
    Spoof("a_log_longer_than_memory", "user",
          at_boot(f'user_log_used = 1ul << 40; kprintf("probe: done\\n"); {IDLE}', LOG),
          (r"user_log_used is 0x10000000000",), (SEGMENTS,)),
    Spoof("a_disk_that_is_sound_and_wrong", "ext2", forgets_writes, (r"the disk does not hold|errno|number",),
          ("test_ext2.py::test_files_grow", "test_ext2_names.py::test_random_operations"), solved=True),
]  # fmt: skip
