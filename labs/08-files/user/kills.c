// kills SEED CHILDREN COUNT: children that ignore and block signals at random, and a parent that
// sends them more of them, also by group and to all; new ones for those that have died. Prints
// after each step what has become of the children that it may have touched.
#include "lab.h"

#define MOST 12
static const int kinds[] = {SIGHUP,   SIGINT,  SIGPIPE, SIGTERM, SIGCHLD, SIGCONT,
                            SIGCONT,  SIGCONT, SIGTSTP, SIGTTIN, SIGSTOP, SIGURG,
                            SIGWINCH, SIGIO,   SIGUSR1, SIGUSR2};
#define KINDS (sizeof kinds / sizeof kinds[0])
static const sigset_t ignored_by_default =
    1ul << (SIGCHLD - 1) | 1ul << (SIGCONT - 1) | 1ul << (SIGURG - 1) | 1ul << (SIGWINCH - 1);
enum { REPORT, SET_MASK, IGNORE, DEFAULT };

static struct card {  // of one child
    volatile uint64_t asked, answered, command, value, pending;
} * cards;

static pid_t pids[MOST];
static int dead[MOST], stopped[MOST];

static _Noreturn void child(struct card* card, uint64_t ignored, uint64_t blocked, int own_group) {
    for (size_t i = 0; i < KINDS; i++) {
        if (ignored & lab_bit(kinds[i])) signal(kinds[i], SIG_IGN);
    }
    if (own_group) setsid();
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    for (;; sched_yield()) {
        if (card->asked == card->answered) continue;
        sigset_t pending = 0, mask = card->value;
        if (card->command == SET_MASK) sigprocmask(SIG_SETMASK, &mask, NULL);
        if (card->command == IGNORE) signal((int) card->value, SIG_IGN);
        if (card->command == DEFAULT) signal((int) card->value, SIG_DFL);
        sigpending(&pending);
        card->pending = pending;
        card->answered = card->asked;
    }
}

static void look(int i, pid_t pid, int status) {
    if (pid != pids[i]) return;
    stopped[i] = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
    if (!WIFSTOPPED(status) && !WIFCONTINUED(status)) dead[i] = (status & 0x7f) + 1000;
}

// Asks child `i` for what is pending, and says how it is: pending, stopped or dead.
static void settle(int i, const char* what, uint64_t command, uint64_t value) {
    struct card* card = &cards[i];
    if (!dead[i]) {
        card->command = command, card->value = value;
        card->asked++;
        for (int turns = 0; turns < 60 && !dead[i]; turns++) {
            int status;
            pid_t pid = waitpid(pids[i], &status, WNOHANG | WUNTRACED | WCONTINUED);
            if (pid > 0) look(i, pid, status);
            if (card->asked == card->answered && turns > 3) break;
            if (stopped[i] && turns > 6) break;
            sched_yield();
        }
    }
    if (dead[i])
        say("%s %d dead %d\n", what, i, dead[i] - 1000);
    else if (stopped[i])
        say("%s %d stopped\n", what, i);
    else if (card->asked != card->answered)
        say("%s %d silent\n", what, i);
    else
        say("%s %d pending %lx\n", what, i, (unsigned long) card->pending);
    if (card->asked != card->answered) card->asked = card->answered;
}

static void start(int i) {
    uint64_t ignored = lab_sparse_bits(2), blocked = lab_next();
    int own_group = (int) lab_below(2);
    ignored &= ~(lab_bit(SIGKILL) | lab_bit(SIGSTOP));
    dead[i] = stopped[i] = 0;
    cards[i] = (struct card){0};
    pids[i] = fork();
    if (pids[i] == 0) child(&cards[i], ignored, blocked, own_group);
    settle(i, "new", REPORT, 0);
}

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    int children = (int) lab_argument(argc, argv, 2), steps = (int) lab_argument(argc, argv, 3);
    cards = lab_shared(PAGE);
    for (int i = 0; i < children; i++) start(i);
    for (int step = 0; children > 0 && step < steps; step++) {
        uint64_t how = lab_below(16), value = lab_next();
        int i = (int) lab_below((uint64_t) children), signal = kinds[lab_below(KINDS)];
        long result;
        if (dead[i] && how < 8) {
            start(i);
            continue;
        }
        if (how < 6) {  // the child does something itself
            uint64_t command = how < 3 ? SET_MASK : how < 5 ? IGNORE : DEFAULT;
            sigset_t by_default = command == DEFAULT ? ignored_by_default : 0;
            if ((by_default | lab_bit(SIGSTOP)) & lab_bit(signal)) signal = SIGTERM;
            settle(i, "does", command, command == SET_MASK ? value : (uint64_t) signal);
            continue;
        }
        if (how == 15) signal = value % 4 == 0 ? SIGKILL : (int) (value % 3) * 65 - 65;
        if (how < 11 || how == 15)
            result = lab_call(SYS_kill, pids[i], signal, 0, 0);
        else if (how == 11)
            result = lab_call(SYS_kill, -pids[i], signal, 0, 0);
        else if (how == 12)
            result = lab_call(SYS_kill, 30000 + (long) (value % 999), signal, 0, 0);
        else if (how == 13)
            result = lab_call(SYS_kill, 0, signal, 0, 0);
        else
            result = lab_call(SYS_kill, -1, signal, 0, 0);
        say("kill %d %ld\n", step, result);
        for (int k = 0; k < children; k++) {
            if (how >= 13 || how == 11 || k == i) settle(k, "then", REPORT, 0);
        }
    }
    say("end\n");
    return 0;
}
