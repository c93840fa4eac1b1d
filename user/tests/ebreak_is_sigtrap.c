// ebreak, in both lengths, raises SIGTRAP; the handler finds its address.
#include "check.h"

static volatile unsigned long at;

static void on_trap(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)info;
    mcontext_t *registers = &((ucontext_t *)context)->uc_mcontext;
    at = registers->gregs[REG_PC];
    registers->gregs[REG_PC] += *(unsigned short *)at == 0x9002 ? 2 : 4;
}

static void long_one(void) {
    asm volatile(".option push; .option norvc; ebreak; .option pop");
}

static void short_one(void) {
    asm volatile("c.ebreak");
}

int main(void) {
    CHECK_KILLED(long_one, SIGTRAP);
    CHECK_KILLED(short_one, SIGTRAP);
    set_action(SIGTRAP, (struct sigaction){.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO});
    long_one();
    CHECK_IS(*(unsigned *)at, 0x00100073);
    short_one();
    CHECK_IS(*(unsigned short *)at, 0x9002);
    return 0;
}
