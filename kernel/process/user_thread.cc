// What a switch does for threads that run programs. See user_thread.h.
#include "process/user_thread.h"

#include "cpu/csr.h"
#include "process/syscall.h"

extern "C" void save_fp_registers(FpRegisters* registers);
extern "C" void load_fp_registers(const FpRegisters* registers);

namespace {

u64 fp_state(const TrapFrame& frame) { return frame.sstatus & SSTATUS_FS; }

void set_fp_state(TrapFrame& frame, u64 state) {
    frame.sstatus = (frame.sstatus & ~SSTATUS_FS) | state;
}

}  // namespace

UserThread& current_user_thread() { return static_cast<UserThread&>(*current_thread().user); }

Process* current_process_or_null() {
    UserSide* user = current_thread().user.get();
    return user == nullptr ? nullptr : &static_cast<UserThread*>(user)->process();
}

Process& current_process() {
    ASSERT(current_thread().user);
    return current_user_thread().process();
}

TrapFrame& current_user_frame() { return current_thread().user_frame(); }

void UserThread::switched_in(Hart& hart) {
    Thread& thread = *hart.current;
    hart.user_frame_top = thread.stack_top();
    if (process_->space) process_->space->tlb.activate(process_->space->page_table());
    if (last_hart_ != hart.index) {
        last_hart_ = hart.index;
        asm volatile("fence.i" ::: "memory");  // its code may have come in on another hart
    }
    if (fp_state(thread.user_frame()) != 0) load_fp(thread.user_frame());
}

void UserThread::switched_out() { save_fp(current_thread().user_frame()); }

// Off: never used; Initial and Clean: the saved copy is right; Dirty: only the registers are.
void UserThread::save_fp(TrapFrame& frame) {
    if (fp_state(frame) == SSTATUS_FS_DIRTY) {
        set_csr_bits(sstatus, SSTATUS_FS);
        save_fp_registers(&fp_);
        set_fp_state(frame, SSTATUS_FS_CLEAN);
    }
}

void UserThread::load_fp(TrapFrame& frame) {
    set_csr_bits(sstatus, SSTATUS_FS);
    load_fp_registers(&fp_);
    set_fp_state(frame, SSTATUS_FS_CLEAN);
}
