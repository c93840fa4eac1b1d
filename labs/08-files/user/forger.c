// forger SEED: returns from signals that never came, by frames of its own making. A first child does
// so with a frame of random bytes, and stands at landing_here for the host to look at, until that
// sets `leave`. What others try to win by their frames ends them.
#include "lab.h"

#define SPP (1ul << 8)  // in sstatus: where a trap came from, and sret goes to

static struct rt_sigframe frame __attribute__((aligned(16)));
static volatile uint64_t go;
volatile uint64_t leave;

extern char landing_here[], forge_here[], privileged_here[], waiting_here[];
extern _Noreturn void forge(const void* stack);
asm(R"(
    .text
    .globl forge, forge_here, landing_here, privileged_here, waiting_here
    .option push
    .option norelax
    .option norvc
forge:
    mv sp, a0
    li a7, 139                      # rt_sigreturn
forge_here:
    ecall
    j forge_here
landing_here:
    la t0, leave
    ld t0, 0(t0)
    beqz t0, landing_here
    li a7, 93                       # exit
    ecall
privileged_here:
    csrr t0, sstatus
    j privileged_here
waiting_here:
    li a7, 124                      # sched_yield
    ecall
    j waiting_here
    .option pop
)");

// Random, but that whatever is taken for sstatus has SPP.
static void fill_frame(void) {
    uint64_t* words = (uint64_t*) &frame;
    for (size_t i = 0; i < sizeof frame / 8; i++) words[i] = lab_next() | SPP;
    frame.uc.uc_sigmask = ~0ul;
    frame.uc.uc_mcontext.gregs[REG_PC] = (uint64_t) landing_here;
}

static _Noreturn void watched_child(void) {
    say("forge %lx landing %lx go %lx leave %lx\n", (unsigned long) forge_here,
        (unsigned long) landing_here, (unsigned long) &go, (unsigned long) &leave);
    while (!go) continue;  // the host says when
    forge(&frame);
}

static _Noreturn void child(uint64_t how) {
    uint64_t* registers = frame.uc.uc_mcontext.gregs;
    char* hole = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(hole + PAGE, PAGE);
    registers[REG_PC] = (uint64_t) waiting_here;
    switch (how) {
    case 0: registers[REG_PC] = (uint64_t) privileged_here; break;
    case 1: registers[REG_PC] = 0xffffffc080400000ul + 4 * lab_below(1000); break;
    case 2: forge((char*) 0xffffffc080400000ul + 16 * lab_below(1000));
    case 3: forge(hole + PAGE + 16 * lab_below(100));
    case 4: forge(hole + PAGE - 16 * (1 + lab_below(60)));  // the frame ends in the hole
    default: break;                                         // blocks every signal, and stays
    }
    forge(&frame);
}

int main(int argc, char** argv) {
    int status;
    lab_begin(argc, argv);
    go = leave = 0;  // their page is there from now on, for the host to write to
    fill_frame();
    pid_t watched = fork();
    if (watched == 0) watched_child();
    waitpid(watched, &status, 0);
    for (int i = 0; i < 10; i++) {
        uint64_t how = lab_below(7);
        fill_frame();
        pid_t pid = fork();
        if (pid == 0) child(how);
        lab_yield(30);
        if (how >= 5) kill(pid, how == 5 ? SIGKILL : SIGSTOP);
        status = -1;
        for (int turns = 0; turns < 100 && status == -1; turns++) {
            if (waitpid(pid, &status, WNOHANG | WUNTRACED) == 0) sched_yield();
        }
        say("forged %d %d\n", i, status & ~0x80);
        kill(pid, SIGKILL);
    }
    say("end\n");
    return 0;
}
