// Processes: fork, exec with PATH, waiting, groups, sleeping.
#include <errno.h>
#include <limits.h>
#include <paths.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libc.h"

pid_t fork(void) {
    return (pid_t)sys_clone(SIGCHLD, NULL, NULL, 0, NULL);
}

pid_t vfork(void) {
    return fork();
}

pid_t waitpid(pid_t pid, int *status, int options) {
    return wait4(pid, status, options, NULL);
}

pid_t wait3(int *status, int options, struct rusage *usage) {
    return wait4(-1, status, options, usage);
}

pid_t wait(int *status) {
    return wait4(-1, status, 0, NULL);
}

int execv(const char *path, char *const argv[]) {
    return execve(path, argv, environ);
}

// A file without a header that the kernel knows is taken for a script of the shell.
static void exec_file(const char *path, char *const argv[], char *const envp[]) {
    execve(path, argv, envp);
    if (errno != ENOEXEC) return;
    size_t count = 0;
    while (argv[count]) count++;
    char *script_argv[count + 3];
    script_argv[0] = _PATH_BSHELL;
    script_argv[1] = (char *)path;
    for (size_t i = 1; i <= count; i++) script_argv[i + 1] = argv[i];
    if (count == 0) script_argv[2] = NULL;
    execve(_PATH_BSHELL, script_argv, envp);
    errno = ENOEXEC;
}

int execvpe(const char *file, char *const argv[], char *const envp[]) {
    if (strchr(file, '/') || *file == 0) {
        if (*file == 0) errno = ENOENT;
        else exec_file(file, argv, envp);
        return -1;
    }
    const char *path = getenv("PATH");
    if (!path) path = _PATH_DEFPATH;
    int denied = 0;
    for (;; path++) {
        size_t length = strcspn(path, ":");
        char candidate[PATH_MAX];
        if (length + strlen(file) + 2 <= sizeof(candidate)) {
            memcpy(candidate, path, length);
            if (length > 0) candidate[length++] = '/';
            strcpy(candidate + length, file);
            exec_file(candidate, argv, envp);
            if (errno == EACCES) denied = 1;
            else if (errno != ENOENT && errno != ENOTDIR) return -1;
        }
        path += strcspn(path, ":");
        if (*path == 0) break;
    }
    errno = denied ? EACCES : ENOENT;
    return -1;
}

int execvp(const char *file, char *const argv[]) {
    return execvpe(file, argv, environ);
}

enum exec_kind { EXEC_PATH, EXEC_SEARCH, EXEC_ENVIRONMENT };

static int exec_list(enum exec_kind kind, const char *file, const char *first, va_list list) {
    va_list again;
    va_copy(again, list);
    size_t count = 1;
    if (first) {
        while (va_arg(again, char *)) count++;
        count++;
    }
    va_end(again);
    char *argv[count];
    argv[0] = (char *)first;
    for (size_t i = 1; i < count; i++) argv[i] = va_arg(list, char *);
    if (kind == EXEC_SEARCH) return execvp(file, argv);
    return execve(file, argv, kind == EXEC_PATH ? environ : va_arg(list, char **));
}

int execl(const char *path, const char *argument, ...) {
    va_list list;
    va_start(list, argument);
    int result = exec_list(EXEC_PATH, path, argument, list);
    va_end(list);
    return result;
}

int execlp(const char *file, const char *argument, ...) {
    va_list list;
    va_start(list, argument);
    int result = exec_list(EXEC_SEARCH, file, argument, list);
    va_end(list);
    return result;
}

int execle(const char *path, const char *argument, ...) {
    va_list list;
    va_start(list, argument);
    int result = exec_list(EXEC_ENVIRONMENT, path, argument, list);
    va_end(list);
    return result;
}

pid_t getpgrp(void) {
    return getpgid(0);
}

pid_t tcgetpgrp(int fd) {
    pid_t pgid;
    return ioctl(fd, TIOCGPGRP, &pgid) < 0 ? -1 : pgid;
}

int tcsetpgrp(int fd, pid_t pgid) {
    return ioctl(fd, TIOCSPGRP, &pgid);
}

unsigned int sleep(unsigned int seconds) {
    struct timespec time = {.tv_sec = seconds}, left = {0, 0};
    return nanosleep(&time, &left) == 0 ? 0 : (unsigned int)(left.tv_sec + (left.tv_nsec > 0));
}

int usleep(unsigned int microseconds) {
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000l};
    return nanosleep(&time, NULL);
}

unsigned int alarm(unsigned int seconds) {
    struct itimerval timer = {.it_value.tv_sec = seconds}, old = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &timer, &old);
    return (unsigned int)(old.it_value.tv_sec + (old.it_value.tv_usec > 0));
}

// The kernel counts priorities from 40 (lowest) to 1, so that no result looks like an error.
int getpriority(int which, id_t who) {
    long result = sys_getpriority(which, (int)who);
    return result < 0 ? (int)result : (int)(20 - result);
}

int nice(int increment) {
    int priority = getpriority(PRIO_PROCESS, 0) + increment;
    if (setpriority(PRIO_PROCESS, 0, priority) < 0) return -1;
    return getpriority(PRIO_PROCESS, 0);
}
