// The first process: mounts what programs expect, gives itself the console, runs /etc/rc, and keeps
// a shell running on the terminal; children that lost their parents end here.
//     init [program [argument...]]     that program instead of /bin/sh
//     init -c word...                  runs the words as one command of /bin/sh (the kernel cuts its
//                                      command line at blanks), then switches the machine off
// If the command fails, init exits with its status, which the kernel turns into a failing end of
// the machine. In no other case does init end, except when no shell can be kept running.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHELL "/bin/sh"
#define SCRIPT "/etc/rc"
#define TOO_SOON 2          // a shell that ended within so many seconds may be broken
#define MOST_SOON_DEATHS 5  // so many in a row, and there is no use in another

static const int keyboard_signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGTERM};
#define KEYBOARD_SIGNALS (sizeof(keyboard_signals) / sizeof(keyboard_signals[0]))

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("init: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
}

static void set_signals(sighandler_t handler) {
    for (size_t i = 0; i < KEYBOARD_SIGNALS; i++) signal(keyboard_signals[i], handler);
}

// Mounted already, or a kernel without this file system: both are as they should be.
static void mount_kernel_files(const char *type, const char *target) {
    mkdir(target, 0755);
    if (mount(type, target, type, 0, NULL) == 0) return;
    if (errno == EBUSY || errno == ENOSYS || errno == ENODEV) return;
    say("cannot mount %s on %s: %s", type, target, strerror(errno));
}

static void open_console(void) {
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) continue;
        int console = open("/dev/console", O_RDWR);
        if (console < 0) console = open("/dev/null", O_RDWR);
        if (console >= 0 && console != fd) {
            dup2(console, fd);
            close(console);
        }
    }
}

// A session of its own with the console as its terminal, so that ^C reaches what runs in it.
static void take_terminal(void) {
    setsid();
    ioctl(STDIN_FILENO, TIOCSCTTY, 1);
    tcsetpgrp(STDIN_FILENO, getpid());
}

static pid_t start(char *const argv[]) {
    pid_t pid = fork();
    if (pid < 0) say("cannot fork: %s", strerror(errno));
    if (pid != 0) return pid;
    take_terminal();
    set_signals(SIG_DFL);
    execv(argv[0], argv);
    say("cannot run %s: %s", argv[0], strerror(errno));
    _exit(127);
}

// Waits for this child; the others that end meanwhile are orphans and only wanted to be noticed.
static int wait_for(pid_t wanted) {
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid == wanted && WIFSIGNALED(status)) return 128 + WTERMSIG(status);
        if (pid == wanted) return WEXITSTATUS(status);
        if (pid < 0 && errno != EINTR) return 127;
    }
}

// TERM, as the word TERM=... of the kernel's command line says. Who starts the machine knows the
// terminal; without that word nobody may be there, and the shell does not edit lines.
static void set_terminal_kind(void) {
    char words[4096] = "";
    int fd = open("/proc/cmdline", O_RDONLY);
    if (fd >= 0) {
        ssize_t length = read(fd, words, sizeof(words) - 1);
        words[length > 0 ? length : 0] = 0;
        close(fd);
    }
    setenv("TERM", "dumb", 1);
    for (char *word = strtok(words, " \n"); word; word = strtok(NULL, " \n")) {
        if (strncmp(word, "TERM=", 5) == 0) setenv("TERM", word + 5, 1);
    }
}

static int run(char *const argv[]) {
    pid_t pid = start(argv);
    return pid < 0 ? 127 : wait_for(pid);
}

static _Noreturn void switch_off(int status) {
    sync();
    if (status == 0) {
        reboot(RB_POWER_OFF);
        say("cannot switch off: %s", strerror(errno));
        status = 1;
    }
    exit(status);
}

static _Noreturn void run_and_switch_off(int count, char **words) {
    char command[4096] = "";
    size_t used = 0;
    for (int i = 0; i < count && used < sizeof(command); i++) {
        const char *blank = i > 0 ? " " : "";
        used += (size_t)snprintf(command + used, sizeof(command) - used, "%s%s", blank, words[i]);
    }
    switch_off(run((char *[]){SHELL, "-c", command, NULL}));
}

static _Noreturn void keep_running(char *const argv[]) {
    int soon_deaths = 0;
    while (soon_deaths < MOST_SOON_DEATHS) {
        time_t started = time(NULL);
        int status = run(argv);
        soon_deaths = time(NULL) - started < TOO_SOON && status != 0 ? soon_deaths + 1 : 0;
        int again = soon_deaths < MOST_SOON_DEATHS;
        say("%s ended with status %d%s", argv[0], status, again ? "; starting it again" : "");
    }
    say("%s does not stay alive", argv[0]);
    switch_off(1);
}

int main(int argc, char **argv) {
    open_console();
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        puts("Usage: init [PROGRAM [ARGUMENT]... | -c COMMAND...]\nThe first process of the "
             "system.");
        return 0;
    }
    if (getpid() != 1) {
        say("only the kernel can start me");
        return 1;
    }
    set_signals(SIG_IGN);
    setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 0);
    setenv("HOME", "/", 0);
    mount_kernel_files("proc", "/proc");
    set_terminal_kind();
    mount_kernel_files("devtmpfs", "/dev");
    if (access(SCRIPT, F_OK) == 0) {
        int status = run((char *[]){SHELL, SCRIPT, NULL});
        if (status != 0) say("%s ended with status %d", SCRIPT, status);
    }
    if (argc > 1 && strcmp(argv[1], "-c") == 0) run_and_switch_off(argc - 2, argv + 2);
    keep_running(argc > 1 ? argv + 1 : (char *[]){SHELL, NULL});
}
