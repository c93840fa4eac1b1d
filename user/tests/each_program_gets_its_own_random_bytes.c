// AT_RANDOM points at sixteen bytes that differ from one start of a program to the next.
#include "check.h"

static int news[2];

static void exec_it(void) {
    CHECK_OK(dup2(news[1], STDOUT_FILENO));
    char *arguments[] = {"after", NULL};
    exec_self(arguments, environ);
    check_failed(__FILE__, __LINE__, "execve", strerror(errno));
}

int main(int argc, char **argv) {
    (void)argc;
    if (strcmp(argv[0], "after") == 0) {
        return write(STDOUT_FILENO, (void *)getauxval(AT_RANDOM), 16) != 16;
    }
    char bytes[2][16];
    CHECK_OK(pipe(news));
    for (int i = 0; i < 2; i++) {
        CHECK_PASSES(exec_it);
        CHECK_IS(read(news[0], bytes[i], 16), 16);
    }
    CHECK(memcmp(bytes[0], bytes[1], 16) != 0);
    return 0;
}
