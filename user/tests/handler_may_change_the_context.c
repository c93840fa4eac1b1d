// Registers that a handler changes in its context have their new values when it returns.
#include "check.h"

static volatile int came;

static void handler(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    mcontext_t *registers = &((ucontext_t *)context)->uc_mcontext;
    registers->gregs[REG_PC] += 4;  // past the load
    registers->gregs[REG_A0] = 12345;
    came = 1;
}

int main(void) {
    set_action(SIGSEGV, (struct sigaction){.sa_sigaction = handler, .sa_flags = SA_SIGINFO});
    register long a0 asm("a0") = 1;
    asm volatile(".option push; .option norvc; lw a0, 0(zero); .option pop"
                 : "+r"(a0)
                 :
                 : "memory");
    long value = a0;
    CHECK_IS(value, 12345);
    CHECK_IS(came, 1);
    return 0;
}
