// From crt0 to main: finds argv, the environment and the auxiliary vector on the first stack, calls
// main, and ends the program: exit runs the atexit functions, then writes what streams still hold.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "libc.h"

#define MAX_AT_EXIT 32

char **environ;
char *program_invocation_name;
char *program_invocation_short_name;

static const Elf64_auxv_t *auxv;
static void (*at_exit[MAX_AT_EXIT])(void);
static int at_exit_count;

int main(int argc, char **argv, char **envp);

_Noreturn void __libc_start(long *stack) {
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    environ = argv + argc + 1;
    char **end = environ;
    while (*end) end++;
    auxv = (const Elf64_auxv_t *)(end + 1);

    program_invocation_name = argc > 0 ? argv[0] : "";
    char *slash = strrchr(program_invocation_name, '/');
    program_invocation_short_name = slash ? slash + 1 : program_invocation_name;
    exit(main(argc, argv, environ));
}

unsigned long getauxval(unsigned long type) {
    for (const Elf64_auxv_t *entry = auxv; entry->a_type != AT_NULL; entry++) {
        if (entry->a_type == type) return entry->a_val;
    }
    errno = ENOENT;
    return 0;
}

int atexit(void (*function)(void)) {
    if (at_exit_count == MAX_AT_EXIT) return -1;
    at_exit[at_exit_count++] = function;
    return 0;
}

// Weak: a program without streams is linked without them.
__attribute__((weak)) void __stdio_exit(void);

_Noreturn void exit(int status) {
    while (at_exit_count > 0) at_exit[--at_exit_count]();
    if (__stdio_exit) __stdio_exit();
    _exit(status);
}

_Noreturn void _exit(int status) {
    for (;;) sys_exit_group(status);
}

_Noreturn void _Exit(int status) {
    _exit(status);
}

_Noreturn void abort(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGABRT);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(SIGABRT);
    // A handler that returned does not save the program.
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
    _exit(127);
}
