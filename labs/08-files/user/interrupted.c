// interrupted SEED COUNT: signals that come while a system call sleeps. Handlers with and without
// SA_RESTART, ignored signals, blocked ones. Prints what the call returned.
#include "lab.h"

static volatile int handled;

static void handler(int signal) {
    (void) signal;
    handled++;
}

// Sends `signal` when the parent sleeps, and ends a while later.
static pid_t send_later(int signal, int code) {
    pid_t parent = getpid(), pid = fork();
    if (pid != 0) return pid;
    lab_yield(20);
    kill(parent, signal);
    lab_yield(20);
    _exit(code);
}

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    uint64_t count = lab_argument(argc, argv, 2);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t call = lab_below(3), how = lab_below(5);
        if (call == 2) how %= 2;  // else it would sleep for ever
        int signal = lab_below(2) ? SIGUSR1 : SIGTERM, code = (int) lab_below(100), status = -1;
        sigset_t none = 0, blocked = how == 4 ? lab_bit(signal) : 0;
        // Long where the signal is to end it, and short where it is not.
        struct timespec time = {.tv_nsec = how <= 1 ? 999000000 : 20000000}, left = {.tv_nsec = -1};
        handled = 0;
        if (how <= 1 || how == 4)
            lab_action(signal, handler, how == 0 ? SA_RESTART : 0, 0);
        else
            lab_action(signal, how == 2 ? SIG_IGN : SIG_DFL, SA_RESTART, 0);
        if (how == 3) signal = SIGWINCH;
        sigprocmask(SIG_SETMASK, &blocked, NULL);
        pid_t pid = send_later(signal, code);
        long result;
        if (call == 0)
            result = lab_call(SYS_wait4, pid, (long) &status, 0, 0);
        else if (call == 1)
            result = lab_call(SYS_nanosleep, (long) &time, (long) &left, 0, 0);
        else
            result = lab_call(SYS_rt_sigsuspend, (long) &blocked, 8, 0, 0);
        int then = handled;
        say("%lu %s %d handled %d", (unsigned long) i,
            result == pid      ? "child"
            : result == 0      ? "slept"
            : result == -EINTR ? "EINTR"
                               : "what",
            call == 0 ? status : -1, then);
        say(" left %d\n", call == 1 && left.tv_nsec > 0 && left.tv_nsec < time.tv_nsec);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (result != pid) waitpid(pid, &status, 0);
    }
    say("end\n");
    return 0;
}
