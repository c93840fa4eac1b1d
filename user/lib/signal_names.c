// Signals by name, and the sentences by which shells report them.
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    const char *text;
} signals[] = {
    [SIGHUP] = {"HUP", "Hangup"},
    [SIGINT] = {"INT", "Interrupt"},
    [SIGQUIT] = {"QUIT", "Quit"},
    [SIGILL] = {"ILL", "Illegal instruction"},
    [SIGTRAP] = {"TRAP", "Trace/breakpoint trap"},
    [SIGABRT] = {"ABRT", "Aborted"},
    [SIGBUS] = {"BUS", "Bus error"},
    [SIGFPE] = {"FPE", "Floating point exception"},
    [SIGKILL] = {"KILL", "Killed"},
    [SIGUSR1] = {"USR1", "User defined signal 1"},
    [SIGSEGV] = {"SEGV", "Segmentation fault"},
    [SIGUSR2] = {"USR2", "User defined signal 2"},
    [SIGPIPE] = {"PIPE", "Broken pipe"},
    [SIGALRM] = {"ALRM", "Alarm clock"},
    [SIGTERM] = {"TERM", "Terminated"},
    [SIGSTKFLT] = {"STKFLT", "Stack fault"},
    [SIGCHLD] = {"CHLD", "Child exited"},
    [SIGCONT] = {"CONT", "Continued"},
    [SIGSTOP] = {"STOP", "Stopped (signal)"},
    [SIGTSTP] = {"TSTP", "Stopped"},
    [SIGTTIN] = {"TTIN", "Stopped (tty input)"},
    [SIGTTOU] = {"TTOU", "Stopped (tty output)"},
    [SIGURG] = {"URG", "Urgent I/O condition"},
    [SIGXCPU] = {"XCPU", "CPU time limit exceeded"},
    [SIGXFSZ] = {"XFSZ", "File size limit exceeded"},
    [SIGVTALRM] = {"VTALRM", "Virtual timer expired"},
    [SIGPROF] = {"PROF", "Profiling timer expired"},
    [SIGWINCH] = {"WINCH", "Window changed"},
    [SIGIO] = {"POLL", "I/O possible"},
    [SIGPWR] = {"PWR", "Power failure"},
    [SIGSYS] = {"SYS", "Bad system call"},
};

#define SIGNAL_COUNT ((int)(sizeof(signals) / sizeof(signals[0])))

char *strsignal(int signal) {
    static char text[32];
    if (signal > 0 && signal < SIGNAL_COUNT) return (char *)signals[signal].text;
    if (signal >= SIGRTMIN && signal <= SIGRTMAX) {
        snprintf(text, sizeof(text), "Real-time signal %d", signal - SIGRTMIN);
    } else {
        snprintf(text, sizeof(text), "Unknown signal %d", signal);
    }
    return text;
}

const char *sigabbrev_np(int signal) {
    return signal > 0 && signal < SIGNAL_COUNT ? signals[signal].name : NULL;
}

int signal_from_name(const char *name) {
    if (isdigit((unsigned char)*name)) {
        char *end;
        long number = strtol(name, &end, 10);
        return *end == 0 && number < NSIG ? (int)number : -1;
    }
    if (strncasecmp(name, "SIG", 3) == 0) name += 3;
    if (strcasecmp(name, "EXIT") == 0) return 0;
    for (int i = 1; i < SIGNAL_COUNT; i++) {
        if (strcasecmp(name, signals[i].name) == 0) return i;
    }
    if (strcasecmp(name, "IO") == 0) return SIGIO;
    return strcasecmp(name, "IOT") == 0 ? SIGIOT : -1;
}
