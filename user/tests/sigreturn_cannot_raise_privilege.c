// A program that forges a signal frame comes back as a program: kernel addresses stay out of reach,
// privileged instructions too, and a mask cannot block SIGKILL.
#include "check.h"

static unsigned long wanted_pc;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    ucontext_t *frame = context;
    // Everything that a frame holds besides the registers is set to ones.
    memset(&frame->uc_flags, 0xff, sizeof frame->uc_flags);
    memset(&frame->uc_sigmask, 0xff, sizeof frame->uc_sigmask);
    frame->uc_mcontext.fpstate.fcsr = 0xffffffff;
    frame->uc_mcontext.gregs[REG_PC] = wanted_pc;
}

static void read_sstatus_then_wait(void) {
    asm volatile("csrr t0, sstatus");
    _exit(3);
}

static void wait_for_kill(void) {
    for (;;) pause();
}

static void forge(void) {
    set_action(SIGUSR1, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    raise(SIGUSR1);
    _exit(2);
}

int main(void) {
    wanted_pc = (unsigned long)KERNEL_ADDRESS;
    CHECK_KILLED(forge, SIGSEGV);
    wanted_pc = (unsigned long)read_sstatus_then_wait;
    CHECK_KILLED(forge, SIGILL);
    wanted_pc = (unsigned long)wait_for_kill;
    pid_t child = start_child(forge);
    nap(20);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
    return 0;
}
