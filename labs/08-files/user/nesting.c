// nesting SEED COUNT: five signals whose handlers block others, raise others and may forbid
// themselves, as a table says that the host draws too. Prints which handler begins and ends, and
// with which mask.
#include "lab.h"

#define SIGNALS     5
#define MOST_EVENTS 400
static const int numbers[SIGNALS] = {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGIO};
static const sigset_t ours = 1ul << (SIGHUP - 1) | 1ul << (SIGUSR1 - 1) | 1ul << (SIGUSR2 - 1) |
                             1ul << (SIGTERM - 1) | 1ul << (SIGIO - 1);

static struct {
    uint64_t raises[16];  // in its first calls, as a set of our signals; then none
    int calls;
} table[SIGNALS];

static char events[MOST_EVENTS][40];
static int event_count;

static void note(const char* what, int signal) {
    sigset_t mask = 0;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    if (event_count < MOST_EVENTS) {
        snprintf(events[event_count++], sizeof events[0], "%s %d %lx", what, signal,
                 (unsigned long) mask);
    }
}

static void raise_all(uint64_t set) {
    for (int i = SIGNALS - 1; i >= 0; i--) {
        if (set & 1ul << i) kill(getpid(), numbers[i]);
    }
}

static void handler(int signal, siginfo_t* info, void* context) {
    ucontext_t* frame = context;
    int which = 0;
    while (which < SIGNALS && numbers[which] != signal) which++;
    note("begin", signal);
    if (info->si_signo != signal || info->si_pid != getpid()) note("stranger", info->si_pid);
    int call = which < SIGNALS ? table[which].calls++ : 16;
    if (call < 16) raise_all(table[which].raises[call]);
    note("end", signal);
    // Now and then what is blocked afterwards is changed in the frame.
    if (call % 4 == 3) frame->uc_sigmask ^= lab_bit(SIGWINCH);
}

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    uint64_t count = lab_argument(argc, argv, 2);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
        action.sa_mask = lab_sparse_bits(2);
        if (lab_below(3) == 0) action.sa_flags |= SA_NODEFER;
        for (int k = 0; k < 16; k++) table[i].raises[k] = lab_sparse_bits(3) & 31;
        sigaction(numbers[i], &action, NULL);
    }
    for (uint64_t round = 0; round < count; round++) {
        sigset_t blocked = lab_sparse_bits(2) & ours, all = ours;
        uint64_t set = lab_next() & 31;
        sigprocmask(SIG_SETMASK, &all, NULL);
        raise_all(set);
        note("mask", 0);
        sigprocmask(SIG_SETMASK, &blocked, NULL);
        note("mask", 1);
    }
    for (int i = 0; i < event_count; i++) say("%s\n", events[i]);
    say("end of events\n");
    return 0;
}
