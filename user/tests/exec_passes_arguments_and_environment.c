// A program gets exactly the arguments, in their order, and the environment that execve was given.
#include "check.h"

static char *arguments[] = {"name", "", "two words", "\xff\x01\t", "last", NULL};
static char *variables[] = {"A=1", "EMPTY=", "B=2", "LONG=0123456789012345678901234567890123456789",
                            NULL};

// Linux's emulator gives the environment in an order of its own.
static int has(char **envp, const char *variable) {
    while (*envp && strcmp(*envp, variable) != 0) envp++;
    return *envp != NULL;
}

static void look(int argc, char **argv, char **envp) {
    CHECK_IS(argc, COUNT_OF(arguments) - 1);
    for (int i = 0; i < argc; i++) CHECK_TEXT(argv[i], arguments[i]);
    CHECK(argv[argc] == NULL);
    for (int i = 0; variables[i]; i++) CHECK(has(envp, variables[i]));
    CHECK(envp[COUNT_OF(variables) - 1] == NULL);
}

static void exec_it(void) {
    exec_self(arguments, variables);
    check_failed(__FILE__, __LINE__, "execve", strerror(errno));
}

int main(int argc, char **argv, char **envp) {
    if (strcmp(argv[0], "name") == 0) look(argc, argv, envp);
    else CHECK_PASSES(exec_it);
    return 0;
}
