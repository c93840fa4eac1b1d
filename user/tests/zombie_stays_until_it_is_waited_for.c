// A process that has ended keeps its number until its parent has waited for it, and no longer.
#include "check.h"

static int alive[2];

static void nothing(void) {
}

int main(void) {
    CHECK_OK(pipe(alive));
    pid_t child = start_child(nothing);
    char byte;
    CHECK_OK(close(alive[1]));
    CHECK_IS(read(alive[0], &byte, 1), 0);  // the child has closed all it had
    CHECK_OK(kill(child, 0));
    CHECK_IS(wait_for(child), 0);
    CHECK_FAILS(kill(child, 0), ESRCH);
    return 0;
}
