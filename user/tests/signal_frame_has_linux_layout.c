// A signal frame holds what Linux's holds, at the same places, and ends where the stack was.
// not-on-qemu-user: the frame of Linux's emulator is shorter and leaves words unset.
#include "check.h"
#include "registers.h"

static struct registers before;
static volatile int came;

static void handler(int signal, siginfo_t *info, void *context) {
    const ucontext_t *saved = context;
    const mcontext_t *registers = &saved->uc_mcontext;
    CHECK_IS((unsigned long)context, (unsigned long)info + 128);
    unsigned long end = (unsigned long)context + sizeof *saved;
    CHECK(registers->gregs[REG_SP] >= end && registers->gregs[REG_SP] < end + 16);
    CHECK_IS(saved->uc_flags, 0);
    CHECK_IS(saved->uc_link, NULL);
    CHECK_IS(registers->gregs[REG_A0], 0);  // kill's result
    for (int n = 18; n < 28; n++) CHECK_IS(registers->gregs[n], before.x[n]);
    for (int n = 0; n < 32; n++) CHECK_IS(registers->fpstate.f[n], before.f[n]);
    CHECK_IS(registers->fpstate.fcsr, before.fcsr);
    for (unsigned at = 260; at < 528; at++) CHECK_IS(registers->fp_bytes[at], 0);
    came = signal;
}

int main(void) {
    set_action(SIGUSR1, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    fill_registers(&before, 2);
    struct registers after = before;
    call_with_registers(&after, SYS_kill, getpid(), SIGUSR1);
    CHECK_IS(came, SIGUSR1);
    return 0;
}
