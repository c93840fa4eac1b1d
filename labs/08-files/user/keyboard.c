// keyboard SEED ROUNDS: the terminal's foreground group, its settings and its special characters
// change from round to round. In each the host types some text, one special character, and a line
// of one letter. Prints how many characters can be read then, which, and what became of the
// children.
#include "lab.h"

#define CHILDREN 5

static pid_t pids[CHILDREN];

static _Noreturn void child(pid_t group, int ignores) {
    for (size_t i = 0; i < 3; i++) {
        static const int keys[] = {SIGINT, SIGQUIT, SIGTSTP};
        signal(keys[i], ignores >> i & 1 ? SIG_IGN : SIG_DFL);
    }
    setpgid(0, group);
    for (;;) sched_yield();
}

static void start_children(void) {
    pid_t group = 0;
    for (int i = 0; i < CHILDREN; i++) {
        uint64_t leads = lab_below(2), ignores = lab_below(4) == 0 ? lab_below(8) : 0;
        if (leads || group == 0) group = 0;
        pid_t pid = fork();
        if (pid == 0) child(group, (int) ignores);
        if (group == 0) group = pid;
        setpgid(pid, group);
        pids[i] = pid;
    }
}

static void set_terminal(void) {
    struct termios settings;
    tcgetattr(0, &settings);
    uint64_t odd = lab_below(8), letter = 1 + lab_below(2);
    settings.c_lflag |= ISIG;
    settings.c_lflag &= ~(tcflag_t) NOFLSH;
    if (odd == 0) settings.c_lflag &= ~(tcflag_t) ISIG;
    if (odd == 1 || odd == 2) settings.c_lflag |= NOFLSH;
    settings.c_cc[VINTR] = odd == 3 ? (cc_t) letter : 3;
    settings.c_cc[VQUIT] = odd == 4 ? (cc_t) letter : 28;
    settings.c_cc[VSUSP] = odd == 5 ? (cc_t) letter : 26;
    tcsetattr(0, TCSANOW, &settings);
}

// Waits for a whole line, without reading: who is in the background may not read.
static int wait_for_line(void) {
    int available = 0;
    while (available < 2) {
        if (ioctl(0, FIONREAD, &available) < 0) return -1;
        sched_yield();
    }
    return available;
}

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    uint64_t rounds = lab_argument(argc, argv, 2);
    signal(SIGTTOU, SIG_IGN);
    for (uint64_t round = 0; round < rounds; round++) {
        start_children();
        set_terminal();
        uint64_t chosen = lab_below(CHILDREN);
        if (tcsetpgrp(0, getpgid(pids[chosen])) < 0) say("tcsetpgrp failed\n");
        say("round %lu\n", (unsigned long) round);
        int available = wait_for_line();
        lab_yield(40);
        char line[100] = "";
        tcsetpgrp(0, getpgrp());
        ssize_t size = read(0, line, sizeof line);
        say("read %d", available);
        for (ssize_t i = 0; i < size; i++) say(" %d", line[i]);
        say(" became");
        for (int i = 0; i < CHILDREN; i++) {
            int status = 0;
            pid_t pid = waitpid(pids[i], &status, WNOHANG | WUNTRACED);
            say(" %d", pid == 0 ? 0 : WIFSTOPPED(status) ? -WSTOPSIG(status) : status & 0x7f);
        }
        say(" .\n");
        for (int i = 0; i < CHILDREN; i++) {
            kill(pids[i], SIGKILL);
            waitpid(pids[i], NULL, 0);
        }
    }
    say("end\n");
    return 0;
}
