// swarm SEED ROUNDS: each process forks without end, and so do its children, until there is no memory.
// Then all end. Prints how many there were, and which errors fork gave; at the start and at the end it
// waits for the host, which counts frames.
#include "lab.h"

static struct board {
    volatile uint64_t forks, errors, other_errors, over;
} *board;

static volatile uint64_t memory[8 * PAGE / 8];

static void swarm(void) {
    while (!board->over) {
        memory[lab_below(8 * PAGE / 8)] = lab_next();
        pid_t pid = fork();
        if (pid > 0) {
            __atomic_fetch_add(&board->forks, 1, __ATOMIC_RELAXED);
            // Deep and wide: some let the child do all the rest.
            if (lab_below(2) == 0) continue;
            lab_wait_until(board->over);
            return;
        }
        if (pid < 0) {
            __atomic_fetch_add(&board->errors, 1, __ATOMIC_RELAXED);
            if (errno != ENOMEM) __atomic_fetch_add(&board->other_errors, 1, __ATOMIC_RELAXED);
            board->over = 1;
            return;
        }
        lab_seed(lab_state + (uint64_t)getpid());
    }
}

int main(int argc, char **argv) {
    uint64_t seed = lab_argument(argc, argv, 1), rounds = lab_argument(argc, argv, 2);
    board = lab_shared(PAGE);
    for (size_t i = 0; i < sizeof memory / 8; i += PAGE / 8) memory[i] = seed;
    lab_pause("before");
    for (uint64_t round = 0; round < rounds; round++) {
        pid_t first = getpid();
        board->forks = board->errors = board->other_errors = board->over = 0;
        lab_seed(seed + round);
        // In a child, as process 1 must not be in the swarm itself.
        if (fork() == 0) swarm();
        if (getpid() != first) _exit(0);
        uint64_t ended = 0, killed = 0;
        for (int status; wait(&status) > 0;) {
            ended += status == 0;
            killed += status == SIGKILL;
        }
        say("round %lu: %lu forks, %lu errors, %lu others, %lu waited for\n", (unsigned long)round,
            (unsigned long)board->forks, (unsigned long)board->errors,
            (unsigned long)board->other_errors, (unsigned long)(ended + killed));
    }
    lab_pause("after");
    say("end\n");
    return 0;
}
