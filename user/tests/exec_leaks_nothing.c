// execve gives back the old program's memory, and one that fails gives back what it had begun.
// goose-only: looks at goose's counters.
#include "counters.h"

static void run_true(void) {
    execl("/bin/true", "true", NULL);
}

static void cycle(void) {
    static char too_long[128 * 1024 + 1];
    CHECK_PASSES(run_true);
    CHECK_FAILS(execl("junk", "junk", NULL), ENOEXEC);
    CHECK_FAILS(execl("missing", "missing", NULL), ENOENT);
    memset(too_long, 'x', sizeof too_long - 1);
    CHECK_FAILS(execl("/bin/false", "false", too_long, NULL), E2BIG);
}

int main(void) {
    enter_scratch();
    make_file("junk", "this is no program");
    CHECK_OK(chmod("junk", 0755));
    check_leaks_nothing(cycle);
    return 0;
}
