// A handler returns to the two instructions by which unwinders know a signal frame: li a7, 139 and
// ecall; its second and third arguments point into the frame.
#include "check.h"

static volatile int came;

static void handler(int signal, siginfo_t *info, void *context) {
    const unsigned *back = __builtin_return_address(0);
    CHECK_IS(back[0], SIGRETURN_INSN_0);
    CHECK_IS(back[1], SIGRETURN_INSN_1);
    CHECK_IS((unsigned long)info % 16, 0);
    CHECK_IS((char *)context - (char *)info, sizeof(siginfo_t));
    const ucontext_t *saved = context;
    CHECK(saved->uc_mcontext.gregs[REG_SP] > (unsigned long)context);
    CHECK_IS(saved->uc_sigmask, set_of(SIGTERM));
    came = signal;
}

int main(void) {
    set_action(SIGUSR1, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    sigset_t set = set_of(SIGTERM);
    CHECK_OK(sigprocmask(SIG_BLOCK, &set, NULL));
    CHECK_OK(raise(SIGUSR1));
    CHECK_IS(came, SIGUSR1);
    return 0;
}
