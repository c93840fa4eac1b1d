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

// Spaces are numbered in ascending order. The low bits, as many as the hart's ASIDs have, are the
// ASID; the others are the round: when ASIDs run out a new round begins, and each hart forgets
// everything before it uses a number of it. A hart without ASIDs has a new round with each number.
constinit SpinLock number_lock{LockRank::kTlb, "address-space identifiers"};
constinit u64 asid_mask = 0;
constinit Atomic<u64> last_number{0};

// Which space a hart's satp is of, and the number it had when that was written.
struct Active {
    TlbState* space = nullptr;
    u64 number = 0;
};
constinit Array<Active, kMaxHarts> actives{};

u64 round_of(u64 number) { return number & ~asid_mask; }
u32 bit_of(const Hart& hart) { return 1u << hart.index; }

// How many bits of an ASID the hart has is found by writing ones (Privileged Architecture 4.1.11).
void find_asid_mask() {
    InterruptsOff off;
    u64 satp = read_csr(satp);
    write_csr(satp, satp | u64{0xffff} << SATP_ASID_SHIFT);
    asid_mask = read_csr(satp) >> SATP_ASID_SHIFT & 0xffff;
    write_csr(satp, satp);
    flush_all();
    last_number.store(asid_mask + 1);  // the first round is not that of a space without a number
}

void (*next_message_hook)(u32) = nullptr;

void take_message(u32 messages) {
    if ((messages & static_cast<u32>(HartMessage::kFlushTlb)) != 0) {
        TlbState* active = actives[this_hart().index].space;
        Process* process = current_process_or_null();
        bool needed = process != nullptr && process->space && &process->space->tlb == active;
        if (!needed) leave_user_space_on_this_hart();
    }
    next_message_hook(messages);
}

void setup_tlb_state() {
    find_asid_mask();
    next_message_hook = trap_hooks.message;
    trap_hooks.message = take_message;
}
INIT(Stage::kProcesses, setup_tlb_state);

}  // namespace

void TlbState::take_number() {
    SpinGuard guard(number_lock);
    number_ = last_number.load() + 1;
    if ((number_ & asid_mask) == 0) number_++;  // ASID 0 is the kernel's
    last_number.store(number_);
    for (u32& seen : seen_) seen = generation_.load();  // nobody has cached anything under it
}

u64 TlbState::asid() const { return number_ & asid_mask; }

void TlbState::activate(PageTable& table) {
    Hart& hart = this_hart();
    Active& active = actives[hart.index];
    if (round_of(number_) != round_of(last_number.load())) take_number();
    if (active.space != this || active.number != number_) {
        if (active.space != nullptr) active.space->left(hart);
        active.space = this;
        active_.fetch_or(bit_of(hart));
        switch_satp(table.root_address(), asid());
        if (round_of(exchange(active.number, number_)) != round_of(number_)) flush_all();
    }
    u32 generation = generation_.load();
    if (exchange(seen_[hart.index], generation) != generation) flush_asid(asid());
}

void TlbState::left(const Hart& hart) { active_.fetch_and(~bit_of(hart)); }

void TlbState::note_change(bool one_page, VirtAddr page) {
    InterruptsOff off;
    Hart& hart = this_hart();
    u32 before = generation_.fetch_add(1);
    if ((active_.load() & bit_of(hart)) == 0) return;  // activate() will flush
    // Where another hart has changed the space meanwhile, that is not known here page by page.
    if (one_page && seen_[hart.index] == before)
        flush_page(page, asid());
    else
        flush_asid(asid());
    seen_[hart.index] = before + 1;
}

void TlbState::page_changed(VirtAddr page) { note_change(true, page); }
void TlbState::all_changed() { note_change(false, VirtAddr(0)); }

void leave_user_space_on_this_hart() {
    InterruptsOff off;
    TlbState* space = exchange(actives[this_hart().index].space, nullptr);
    if (space == nullptr) return;
    switch_satp(kernel_page_table().root_address(), 0);
    space->left(this_hart());
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
