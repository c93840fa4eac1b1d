// The new program's variables are as in its file, its bss is zero, and its stack and heap are new.
#include "check.h"

static char zeroes[3 * PAGE];
static int set = 7;

static void dirty_and_exec(void) {
    memset(zeroes, 1, sizeof zeroes);
    set = 8;
    char *heap = sbrk(PAGE);
    memset(heap, 1, PAGE);
    char *arguments[] = {"after", NULL};
    exec_self(arguments, environ);
    check_failed(__FILE__, __LINE__, "execve", strerror(errno));
}

static void look(void) {
    for (unsigned i = 0; i < sizeof zeroes; i++) CHECK_IS(zeroes[i], 0);
    CHECK_IS(set, 7);
    char *heap = sbrk(PAGE);
    for (unsigned i = 0; i < PAGE; i++) CHECK_IS(heap[i], 0);
}

int main(int argc, char **argv) {
    (void)argc;
    if (strcmp(argv[0], "after") == 0) look();
    else CHECK_PASSES(dirty_and_exec);
    return 0;
}
