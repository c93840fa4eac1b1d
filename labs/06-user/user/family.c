// family SEED COUNT: children that end in many ways, at random, and a parent that waits for them in
// many ways. Prints what it learns.
#include "lab.h"

static void die(uint64_t how, uint64_t value) {
    static const char text[64] = "not to be written";
    static long word[2];
    switch (how) {
    case 1: *(volatile int *)(value % 4000) = 1; break;                              // SIGSEGV
    case 2: asm volatile(".word 0"); break;                                          // SIGILL
    case 3: asm volatile("ebreak"); break;                                           // SIGTRAP
    case 4: *(volatile int *)(0xffffffc080400000ul + (value & 0xffff8)) = 1; break;  // SIGSEGV
    case 5: *(volatile char *)text = 1; break;                                       // SIGSEGV
    case 6: ((void (*)(void))(value & 0xffe))(); break;                              // SIGSEGV
    case 7:
        asm volatile("amoadd.w zero, zero, (%0)" ::"r"((long)word | 1) : "memory");
        break;  // SIGBUS
    case 8: kill(getpid(), SIGKILL); break;
    default: break;
    }
    // A child that gets here was not killed.
    for (uint64_t turns = value % 30; turns > 0; turns--) sched_yield();
    _exit((int)(value >> 8));
}

int main(int argc, char **argv) {
    uint64_t seed = lab_argument(argc, argv, 1), count = lab_argument(argc, argv, 2);
    pid_t pids[32];
    int status;
    say("none %ld\n", lab_call(SYS_wait4, -1, 0, WNOHANG));
    for (uint64_t i = 0; i < count; i++) {
        lab_seed(seed + i);
        uint64_t how = lab_below(12), value = lab_next();
        pids[i] = fork();
        if (pids[i] == 0) die(how, value);
    }
    lab_seed(seed + count);
    // Half of them by number, in an order of our own; the others as they come.
    uint64_t by_number = count / 2, sum = 0;
    for (uint64_t i = 0; i < by_number; i++) {
        uint64_t which = (i * 5 + lab_state) % by_number;
        while (pids[which] == 0) which = (which + 1) % by_number;
        status = -1;
        if (waitpid(pids[which], &status, 0) != pids[which]) say("another child\n");
        say("child %lu %d\n", (unsigned long)which, status & ~0x80);
        pids[which] = 0;
    }
    for (uint64_t i = by_number; i < count; i++) {
        status = -1;
        pid_t pid = wait(&status);
        for (uint64_t k = by_number; k < count; k++) {
            if (pids[k] == pid) sum += (k + 1) * (uint64_t)(status & ~0x80), pids[k] = 0;
        }
    }
    say("others %lu\n", (unsigned long)sum);
    say("none %ld\n", lab_call(SYS_wait4, -1, 0, 0));
    // Of a child that lives, WNOHANG tells nothing, at once.
    pid_t pid = fork();
    if (pid == 0) {
        for (;;) sched_yield();
    }
    say("alive %ld\n", lab_call(SYS_wait4, pid, (long)&status, WNOHANG));
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    say("killed %d\n", status & ~0x80);
    // A grandchild whose parent ends first becomes ours: this is process 1.
    if (fork() == 0) {
        if (fork() == 0) {
            for (int turns = 0; turns < 50; turns++) sched_yield();
            _exit((int)(seed & 127));
        }
        _exit(0);
    }
    int total = 0;
    for (int i = 0; i < 2; i++) {
        status = -1;
        wait(&status);
        total += status;
    }
    say("orphan %d\n", total);
    say("end\n");
    return 0;
}
