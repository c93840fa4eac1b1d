// Address-space identifiers, and keeping the harts' translation caches right. See tlb_state.h.
#include "process/tlb_state.h"

#include "cpu/init.h"
#include "cpu/spinlock.h"
#include "cpu/trap.h"
#include "mm/page_table.h"
#include "mm/tlb.h"
#include "process/process.h"
#include "thread/scheduler.h"

namespace {

// ASIDs are given out in ascending order; when they run out a new round begins with the first, and
// each hart forgets everything before it uses a number of the new round. 0 is the kernel's.
constinit SpinLock asid_lock{LockRank::kTlb, "address-space identifiers"};
constinit u64 asid_limit GUARDED_BY(asid_lock) = 1;
constinit u64 next_asid GUARDED_BY(asid_lock) = 1;
constinit Atomic<u64> current_round{1};

constinit Array<u64, kMaxHarts> round_of_hart{};
constinit Array<TlbState*, kMaxHarts> active_space{};

u32 bit_of(const Hart& hart) { return 1u << hart.index; }

// How many bits of an ASID the hart has is found by writing ones (Privileged Architecture 4.1.11).
void find_asid_limit() {
    constexpr u64 kMask = 0xffff;
    InterruptsOff off;
    u64 satp = read_csr(satp);
    write_csr(satp, satp | kMask << SATP_ASID_SHIFT);
    u64 found = read_csr(satp) >> SATP_ASID_SHIFT & kMask;
    write_csr(satp, satp);
    flush_all();
    SpinGuard guard(asid_lock);
    asid_limit = found + 1;
}

void (*next_message_hook)(u32) = nullptr;

void take_message(u32 messages) {
    if ((messages & static_cast<u32>(HartMessage::kFlushTlb)) != 0) {
        TlbState* active = active_space[this_hart().index];
        Process* process = current_process_or_null();
        if (process == nullptr || !process->space || &process->space->tlb != active) {
            leave_user_space_on_this_hart();
        }
    }
    next_message_hook(messages);
}

void setup_tlb_state() {
    find_asid_limit();
    next_message_hook = trap_hooks.message;
    trap_hooks.message = take_message;
}
INIT(Stage::kProcesses, setup_tlb_state);

}  // namespace

void TlbState::activate(PageTable& table) {
    Hart& hart = this_hart();
    u32& seen = seen_[hart.index];
    TlbState*& active = active_space[hart.index];
    if (asid_round_ != current_round.load()) {
        SpinGuard guard(asid_lock);
        if (next_asid >= asid_limit) {
            next_asid = 1;
            current_round.fetch_add(1);
        }
        asid_ = asid_limit > 1 ? next_asid++ : 0;
        asid_round_ = current_round.load();
        for (u32& value : seen_) {
            value = generation_.load();  // nobody has cached anything under the new number
        }
        active = active == this ? nullptr : active;
    }
    if (active != this) {
        if (active != nullptr) active->active_.fetch_and(~bit_of(hart));
        active = this;
        active_.fetch_or(bit_of(hart));
        switch_satp(table.root_address(), asid_);
        if (round_of_hart[hart.index] != asid_round_ || asid_ == 0) {
            round_of_hart[hart.index] = asid_round_;
            flush_all();
        }
    }
    u32 generation = generation_.load();
    if (seen != generation) {
        flush_asid(asid_);
        seen = generation;
    }
}

void TlbState::left(const Hart& hart) { active_.fetch_and(~bit_of(hart)); }

void TlbState::note_change(bool one_page, VirtAddr page) {
    InterruptsOff off;
    Hart& hart = this_hart();
    u32 before = generation_.fetch_add(1);
    if ((active_.load() & bit_of(hart)) == 0 || seen_[hart.index] != before) {
        return;  // activate() will flush
    }
    if (one_page)
        flush_page(page, asid_);
    else
        flush_asid(asid_);
    seen_[hart.index] = before + 1;
}

void TlbState::page_changed(VirtAddr page) { note_change(true, page); }
void TlbState::all_changed() { note_change(false, VirtAddr(0)); }

void leave_user_space_on_this_hart() {
    InterruptsOff off;
    Hart& hart = this_hart();
    TlbState*& active = active_space[hart.index];
    if (active != nullptr) {
        switch_satp(kernel_page_table().root_address(), 0);
        active->left(hart);
        active = nullptr;
    }
}

void TlbState::leave_all_harts() {
    {
        InterruptsOff off;
        if ((active_.load() & bit_of(this_hart())) != 0) leave_user_space_on_this_hart();
    }
    for (unsigned i = 0; i < hart_count(); i++) {
        if ((active_.load() & bit_of(hart(i))) != 0) send_message(i, HartMessage::kFlushTlb);
    }
    while (active_.load() != 0) yield();
}
