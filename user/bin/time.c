// time: runs a command and tells how long it took: by the clock, in the program, in the kernel.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "time",
    "Usage: time [-p] COMMAND [ARGUMENT]...\n"
    "Run COMMAND, then print the time that passed, and the processor's time in the program (user)\n"
    "and in the kernel (sys).\n\n"
    "  -p  in the form that POSIX asks for\n",
    125};

static void print(const char *name, long long microseconds, int posix) {
    long long seconds = microseconds / 1000000, rest = microseconds % 1000000;
    if (posix)
        fprintf(stderr, "%s %lld.%02lld\n", name, seconds, rest / 10000);
    else
        fprintf(stderr, "%s\t%lldm%lld.%03llds\n", name, seconds / 60, seconds % 60, rest / 1000);
}

static long long microseconds_of(const struct timeval *time) {
    return time->tv_sec * 1000000LL + time->tv_usec;
}

int main(int argc, char **argv) {
    int posix = 0, status;
    struct timespec begin, end;
    struct rusage usage;
    utility_start(&self);
    while (next_option(argc, argv, "+p") != -1)
        posix = 1;
    if (optind == argc)
        bad_usage("missing operand");
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pid_t child = fork();
    if (child < 0)
        die_errno("cannot fork");
    if (child == 0)
        _exit(exec_failed(argv + optind));
    signal(SIGINT, SIG_IGN);  // An interrupt ends the command; its times are still of interest.
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (!posix)
        fputc('\n', stderr);
    print("real", (end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000,
          posix);
    print("user", microseconds_of(&usage.ru_utime), posix);
    print("sys", microseconds_of(&usage.ru_stime), posix);
    return finish(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}
