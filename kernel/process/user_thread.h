// The user side of a thread: which process it runs, its floating-point registers, and what a system
// call leaves for the way back to user mode. The scheduler calls it at each switch.
#pragma once
#include "process/process.h"

// f0 … f31 and fcsr; known to fp.S.
struct FpRegisters {
    u64 f[32] = {};
    u64 fcsr = 0;
};

class UserThread final : public UserSide {
  public:
    explicit UserThread(Ref<Process> process) : process_(move(process)) {}

    void switched_in(Hart& hart) override;
    void switched_out() override;

    Process& process() { return *process_; }

    // Makes fp_registers() hold what the thread's registers hold now.
    void save_fp(TrapFrame& frame);
    // Makes the hart's registers those of fp_registers(), and marks them in use.
    void load_fp(TrapFrame& frame);
    FpRegisters& fp_registers() { return fp_; }

    // The system call that was interrupted, for restarting it: at once if no handler runs, else
    // only if that wants it. A time-out then keeps its deadline (keep_deadline()): `resumed` is that
    // of the call that starts over.
    bool interrupted_call = false, restarts_after_handler = false;
    u64 restart_a0 = 0;
    u64 kept_deadline = 0, resumed_deadline = 0;

    bool traces_calls = false;  // each system call stops for the tracer

  private:
    Ref<Process> process_;
    FpRegisters fp_;
    unsigned last_hart_ = ~0u;
};

UserThread& current_user_thread();

// Handles a trap from user mode; trap_hooks.from_user.
void handle_user_trap(TrapFrame& frame);
// Goes to user mode by the frame at the top of the current thread's stack.
[[noreturn]] void enter_user_mode();
