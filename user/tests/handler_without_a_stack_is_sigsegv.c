// A signal for which no frame can be built, because the stack pointer is wild, ends the program.
#include "check.h"

static void handler(int signal) {
    (void)signal;
    _exit(2);
}

static void lose_the_stack(void) {
    on_signal(SIGUSR1, handler);
    asm volatile("li sp, 4096; mv a0, %0; li a1, %1; li a7, %2; 1: ecall; mv a0, %0; j 1b"
                 :
                 : "r"((long)getpid()), "i"(SIGUSR1), "i"(SYS_kill)
                 : "a0", "a1", "a7");
}

int main(void) {
    CHECK_KILLED(lose_the_stack, SIGSEGV);
    return 0;
}
