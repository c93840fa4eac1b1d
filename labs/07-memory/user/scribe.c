// scribe SEED COUNT: memory that a parent and its child still share is written by the kernel: what is
// typed (read), and the signal mask (rt_sigprocmask). COUNT children, one after the other. Prints a
// hash of what each side sees after it.
#include "lab.h"

static unsigned char memory[8 * PAGE] __attribute__((aligned(4096)));

static uint64_t look(void) {
    return lab_hash_words(memory, sizeof memory);
}

// Lets the kernel write somewhere in memory.
static void let_write(void) {
    uint64_t at = lab_below(sizeof memory - 64), size = 1 + lab_below(60), mask = lab_next();
    mask &= ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1));
    look();  // every page has just been read
    if (lab_below(3) == 0) {
        say("type %lu\n", (unsigned long)size);
        while (size > 0) {
            ssize_t count = read(0, memory + at, size);
            if (count <= 0) _exit(98);
            at += (uint64_t)count, size -= (uint64_t)count;
        }
    } else {
        sigprocmask(SIG_SETMASK, (const sigset_t *)&mask, NULL);
        at &= ~7ul;
        sigprocmask(SIG_BLOCK, NULL, (sigset_t *)(memory + at));
    }
}

int main(int argc, char **argv) {
    lab_seed(lab_argument(argc, argv, 1));
    uint64_t count = lab_argument(argc, argv, 2);
    volatile uint64_t *turn = lab_shared(PAGE);
    for (size_t i = 0; i < sizeof memory; i += 8) *(uint64_t *)(memory + i) = lab_next();
    for (uint64_t i = 1; i <= count; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            uint64_t state = lab_state;
            lab_wait_until(*turn == i);
            lab_seed(state + i);
            uint64_t before = look();
            let_write();
            say("child %lu %lu\n", (unsigned long)before, (unsigned long)look());
            _exit(0);
        }
        uint64_t state = lab_state;
        let_write();
        *turn = i;
        int status = -1;
        waitpid(pid, &status, 0);
        say("parent %lu %d\n", (unsigned long)look(), status);
        lab_seed(state + 1000 * i);
    }
    say("end\n");
    return 0;
}
