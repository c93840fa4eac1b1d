// Runs a program again and again on a kernel built with FAIL=1, with one of its allocations failing, or
// every n-th.
//     failing once FROM TO STEP PROGRAM [ARGUMENT...]      the n-th only; ends early where the program
//                                                          makes fewer than n
//     failing every FROM TO STEP PROGRAM [ARGUMENT...]     and each n-th after it
// for n = FROM, FROM + STEP … TO. The program may fail, be killed, or wait for ever, and is ended after
// $LIMIT milliseconds (1500) with all that it started. Status 0: all ended; 1: a process did not die; 2: no such kernel.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <termios.h>

#include "reap.h"

enum { SYS_fail_allocations = 500, SOME = 3 };

static struct process_set before;
static int passed, failed, killed, hung;
static long limit = 1500;  // milliseconds

static long now_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long failures_so_far(void) {
    return syscall(SYS_fail_allocations, 0, 0);
}

static _Noreturn void run_program(long n, int once, char **words) {
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    close(null);
    for (int signal = 1; signal < 32; signal++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(signal, &action, NULL);
    }
    syscall(SYS_fail_allocations, n, once);
    execv(words[0], words);
    _exit(126);
}

// Returns how many processes do not die.
static int run_once(long n, int once, char **words) {
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) run_program(n, once, words);
    long end = now_milliseconds() + limit;
    pid_t ended = 0;
    while (ended == 0 && now_milliseconds() < end) {
        ended = waitpid(pid, &status, WNOHANG);
        if (ended == 0) sleep_milliseconds(2);
    }
    if (ended == 0) hung++;
    else if (WIFSIGNALED(status)) killed++;
    else if (WEXITSTATUS(status) != 0) failed++;
    else passed++;
    return kill_strangers(&before);
}

int main(int argc, char **argv) {
    if (argc < 6) return 2;
    int once = strcmp(argv[1], "once") == 0;
    long from = atol(argv[2]), to = atol(argv[3]), step = atol(argv[4]);
    struct termios terminal;
    if (getenv("LIMIT")) limit = atol(getenv("LIMIT"));
    long first = failures_so_far(), last = first;
    if (first < 0) {
        fprintf(stderr, "failing: this kernel was not built with FAIL=1\n");
        return 2;
    }
    for (int signal = 1; signal < 32; signal++) {
        struct sigaction action = {.sa_handler = SIG_IGN};
        if (signal != SIGCHLD) sigaction(signal, &action, NULL);
    }
    tcgetattr(2, &terminal);
    list_processes(&before);
    int left = 0, without = 0;
    long n = from;
    for (; n <= to && left == 0 && without < SOME; n += step) {
        left = run_once(n, once, argv + 5);
        long now = failures_so_far();
        without = now == last && once ? without + 1 : 0;
        last = now;
    }
    tcsetpgrp(2, getpgrp());
    tcsetattr(2, TCSANOW, &terminal);
    printf(
        "failing %s %ld..%ld: %ld allocations failed; %d passed, %d failed, %d killed, %d hung\n",
        argv[1], from, n - step, last - first, passed, failed, killed, hung);
    if (left) printf("failing: %d processes do not die\n", left);
    return left != 0;
}
