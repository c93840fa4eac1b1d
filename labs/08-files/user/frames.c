// frames SEED ALTERNATE: stands at spin_here with random floating-point registers until a signal
// comes, which a child sends whenever `go` is set; if ALTERNATE is 1, on a stack of its own.
// The host sets the registers and `go`, and looks at the handler's entry: nothing here but the
// addresses is printed.
#include "lab.h"

static struct { double registers[32]; } drawn;

extern char spin_here[], handler_here[];
extern _Noreturn void spin(const double* registers);
extern void handler(int signal);
asm(R"(
    .text
    .globl spin, spin_here, handler_here, handler
    .option push
    .option norelax
    .option norvc
spin:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fld f\n, 8*\n(a0)
    .endr
    .balign 4
spin_here:
    fsgnj.d f0, f0, f0              # so that the hart marks the registers as changed
    j spin_here
    .balign 4
handler:
handler_here:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fcvt.d.w f\n, ra
    .endr
    li a7, 124                      # sched_yield: what is spoiled now is also saved at a switch
    ecall
    ret
    .option pop
)");

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    volatile uint64_t* go = lab_shared(PAGE);
    *go = 0;  // the page is there from now on, for the host to write to
    uint64_t bits[32];
    for (int i = 0; i < 32; i++) bits[i] = lab_next();
    memcpy(drawn.registers, bits, sizeof bits);
    sigset_t mask = lab_next() & ~lab_bit(SIGUSR1), blocked = lab_next() & ~lab_bit(SIGUSR1);
    int alternate = lab_argument(argc, argv, 2) == 1;
    static char room[8 * PAGE];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
    if (alternate) sigaltstack(&stack, NULL);
    lab_action(SIGUSR1, handler, SA_SIGINFO | (alternate ? SA_ONSTACK : 0), mask);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        for (;; sched_yield()) {
            if (*go == 0) continue;
            *go = 0;
            kill(parent, SIGUSR1);
        }
    }
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    say("spin %lx handler %lx go %lx child %d blocked %lx stack %lx\n", (unsigned long) spin_here,
        (unsigned long) handler_here, (unsigned long) go, (int) child, (unsigned long) blocked,
        alternate ? (unsigned long) room : 0);
    spin(drawn.registers);
}
