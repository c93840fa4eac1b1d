// trap: commands to run when a signal comes, or at the end; kill, which knows jobs.
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sh.h"

#define AT_EXIT 0
#define MOST 32

static const struct {
    const char *name;
    int number;
} signal_table[] = {
    {"EXIT", AT_EXIT},   {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP},   {"ABRT", SIGABRT}, {"BUS", SIGBUS},   {"FPE", SIGFPE},   {"KILL", SIGKILL},
    {"USR1", SIGUSR1},   {"SEGV", SIGSEGV}, {"USR2", SIGUSR2}, {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},
    {"TERM", SIGTERM},   {"CHLD", SIGCHLD}, {"CONT", SIGCONT}, {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN},   {"TTOU", SIGTTOU}, {"URG", SIGURG},   {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
    {"WINCH", SIGWINCH},
};
#define SIGNALS (sizeof(signal_table) / sizeof(signal_table[0]))

static char *trap_commands[MOST];  // NULL: none
static struct sigaction actions_before[MOST];
static volatile sig_atomic_t arrived[MOST], any_arrived;

static void on_signal(int signal) {
    arrived[signal] = 1;
    any_arrived = 1;
}

// By name, with or without SIG, or by number; -1 if there is none.
static int signal_number(const char *text) {
    char *end;
    long number = strtol(text, &end, 10);
    if (isdigit((unsigned char)*text)) return *end == 0 && number < MOST ? (int)number : -1;
    if (strncasecmp(text, "SIG", 3) == 0) text += 3;
    for (size_t i = 0; i < SIGNALS; i++) {
        if (strcasecmp(signal_table[i].name, text) == 0) return signal_table[i].number;
    }
    return -1;
}

static void clear_trap(int number) {
    if (!trap_commands[number]) return;
    free(trap_commands[number]);
    trap_commands[number] = NULL;
    if (number != AT_EXIT) sigaction(number, &actions_before[number], NULL);
}

static int set_trap(int number, const char *command) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = *command ? on_signal : SIG_IGN;
    clear_trap(number);
    if (number != AT_EXIT && sigaction(number, &action, &actions_before[number]) < 0) {
        return report_error(1, "trap: %d: %s", number, strerror(errno));
    }
    trap_commands[number] = need(strdup(command));
    return 0;
}

static void print_traps(void) {
    for (size_t i = 0; i < SIGNALS; i++) {
        const char *command = trap_commands[signal_table[i].number];
        if (command) printf("trap -- '%s' %s\n", command, signal_table[i].name);
    }
}

int builtin_trap(int argc, char **argv) {
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if (first >= argc) {
        print_traps();
        return 0;
    }
    // Without a command, or with "-", the signals are as they were.
    int resets = argc == first + 1 || isdigit((unsigned char)*argv[first]);
    const char *command = resets || strcmp(argv[first], "-") == 0 ? NULL : argv[first];
    int status = 0;
    for (int i = resets ? first : first + 1; i < argc; i++) {
        int number = signal_number(argv[i]);
        if (number < 0) status = report_error(1, "trap: %s: bad trap", argv[i]);
        else if (command) status |= set_trap(number, command);
        else clear_trap(number);
    }
    return status;
}

static void run_trap(int number) {
    int status = shell.status;
    char *command = need(strdup(trap_commands[number]));  // it may set another
    run_text(command);
    free(command);
    if (!shell.unwinding) shell.status = status;
}

void run_traps(void) {
    if (!any_arrived) return;
    any_arrived = 0;
    for (int number = 1; number < MOST; number++) {
        if (!arrived[number]) continue;
        arrived[number] = 0;
        if (trap_commands[number] && *trap_commands[number]) run_trap(number);
    }
}

int trap_arrived(void) {
    for (int number = 1; number < MOST; number++)
        if (arrived[number] && number != SIGCHLD) return number;
    return 0;
}

void run_exit_trap(void) {
    if (!trap_commands[AT_EXIT]) return;
    char *command = trap_commands[AT_EXIT];
    trap_commands[AT_EXIT] = NULL;  // an exit in it is the end
    run_text(command);
    free(command);
}

// What is ignored stays so; what would run a command does what it did before.
void reset_traps(void) {
    for (int number = 0; number < MOST; number++) {
        arrived[number] = 0;
        if (trap_commands[number] && (*trap_commands[number] || number == AT_EXIT))
            clear_trap(number);
    }
}

static int list_signals(void) {
    for (size_t i = 1; i < SIGNALS; i++) puts(signal_table[i].name);
    return 0;
}

// kill [-s SIGNAL | -SIGNAL] process or %job ...
int builtin_kill(int argc, char **argv) {
    int number = SIGTERM, i = 1, status = 0;
    if (argc > 1 && strcmp(argv[1], "-l") == 0) return list_signals();
    if (argc > 2 && strcmp(argv[1], "-s") == 0) number = signal_number(argv[2]), i = 3;
    else if (argc > 1 && argv[1][0] == '-' && argv[1][1])
        number = signal_number(argv[1] + 1), i = 2;
    if (i < argc && strcmp(argv[i], "--") == 0) i++;
    if (number < 0) return report_error(2, "kill: unknown signal: %s", argv[i - 1]);
    if (i >= argc)
        return report_error(2, "kill: usage: kill [-s SIGNAL | -SIGNAL] PID or %%JOB ...");
    for (; i < argc; i++) {
        char *end;
        pid_t target = argv[i][0] == '%' ? -job_group(argv[i]) : (pid_t)strtol(argv[i], &end, 10);
        if (argv[i][0] == '%' && target == 0) {
            status = report_error(2, "kill: No such job: %s", argv[i]);
        } else if (argv[i][0] != '%' && (*end || end == argv[i])) {
            status = report_error(2, "kill: Illegal number: %s", argv[i]);
        } else if (kill(target, number) < 0) {
            status = report_error(1, "kill: %s", strerror(errno));
        }
    }
    return status;
}
