// An argument of 128 KiB or more is refused with E2BIG; the caller keeps its memory.
#include "check.h"

int main(void) {
    size_t limit = 128 * 1024;
    char *argument = malloc(limit + 1);
    memset(argument, 'a', limit);
    argument[limit] = 0;
    char *words[] = {"true", argument, NULL}, *none[] = {NULL};
    CHECK_FAILS(execve("/bin/false", words, none), E2BIG);
    CHECK_FAILS(execve("/bin/false", none, words), E2BIG);
    CHECK_IS(argument[limit - 1], 'a');
    argument[limit - 1] = 0;
    pid_t child = (pid_t)CHECK_OK(fork());
    if (child == 0) {
        execve("/bin/true", words, none);
        check_failed(__FILE__, __LINE__, "execve", strerror(errno));
    }
    CHECK_IS(wait_for(child), 0);
    return 0;
}
