// The harts: who they are, how the other ones start, and messages between them.
#include "cpu/hart.h"

#include "base/panic.h"
#include "cpu/console.h"
#include "cpu/cpu.h"
#include "cpu/layout.h"
#include "cpu/machine.h"
#include "cpu/sbi.h"
#include "cpu/trap.h"

static_assert(__builtin_offsetof(Hart, user_frame_top) == 0);
static_assert(__builtin_offsetof(Hart, scratch) == 8);
static_assert(__builtin_offsetof(Hart, emergency_stack) == 16);
static_assert(__builtin_offsetof(Hart, current) == 24);

extern "C" char secondary_entry[];

constinit u64 satp_for_new_harts = 0;

namespace {

constexpr u64 kEmergencyStackSize = kStackSize / kMaxHarts;

constinit Array<Hart, kMaxHarts> harts{};
constinit unsigned harts_known = 1;
void (*secondary_work)() = nullptr;

void name_hart(unsigned index, u64 id) {
    harts[index].index = index;
    harts[index].id = id;
    harts[index].emergency_stack =
        reinterpret_cast<u64>(emergency_stacks) + (index + 1) * kEmergencyStackSize;
}

void start_hart(Hart& hart) {
    SbiResult started = sbi_start_hart(hart.id, physical_address(secondary_entry).value,
                                       reinterpret_cast<u64>(&hart));
    if (started.error != 0) {
        kprintf("cpu: hart %lu does not start: SBI error %ld\n", hart.id, started.error);
    }
}

}  // namespace

unsigned hart_count() { return harts_known; }

Hart& hart(unsigned index) { return harts[index]; }

// The boot hart is hart 0 whatever its id: QEMU draws it by lot.
void setup_boot_hart(u64 hart_id) {
    asm volatile("mv tp, %0" ::"r"(&harts[0]) : "memory");
    write_csr(sscratch, 0);
    name_hart(0, hart_id);
}

// Counts the harts that the device tree lists, up to kMaxHarts.
void setup_harts() {
    for (TreeNode node = device_tree().find("/cpus").first_child(); node;
         node = node.next_sibling()) {
        u64 id = node.property("reg").number().value_or(harts[0].id);
        if (!node.property("device_type").lists("cpu") || !node.is_available() ||
            id == harts[0].id) {
            continue;
        }
        if (harts_known == kMaxHarts) {
            kprintf("cpu: hart %lu is left out: goose runs at most %u\n", id, kMaxHarts);
            continue;
        }
        name_hart(harts_known++, id);
    }
}

void start_other_harts(void (*entry)(), u64 (*stack_top)(unsigned index)) {
    secondary_work = entry;
    for (unsigned i = 1; i < harts_known; i++) {
        harts[i].scratch = stack_top(i);
        if (harts[i].scratch != 0) start_hart(harts[i]);
    }
}

void restart_lost_harts() {
    for (unsigned i = 1; i < harts_known; i++) {
        if (harts[i].scratch != 0 && !harts[i].started.load() && sbi_hart_is_stopped(harts[i].id)) {
            start_hart(harts[i]);
        }
    }
}

// Called by secondary_entry on the new hart's own stack, with tp set.
extern "C" [[noreturn]] void start_secondary_hart() {
    write_csr(sscratch, 0);
    this_hart().started.store(true);
    setup_traps_on_this_hart();
    setup_interrupts_on_this_hart();
    setup_time_on_this_hart();
    secondary_work();
    panic("the work of hart %u returned", this_hart().index);
}

void send_message(unsigned index, HartMessage message) {
    harts[index].messages.fetch_or(static_cast<u32>(message));
    sbi_send_ipi(harts[index].id);
}
