// Reading an empty pipe returns 0 once every descriptor of its writing end is closed, not before.
#include "check.h"

static int ends[2];

static void hold_then_close(void) {
    CHECK_OK(close(ends[0]));
    nap(30);
    CHECK_IS(write(ends[1], "late", 4), 4);
}

int main(void) {
    char text[16];
    CHECK_OK(pipe(ends));
    CHECK_IS(write(ends[1], "first", 5), 5);
    int copy = (int)CHECK_OK(dup(ends[1]));
    pid_t child = start_child(hold_then_close);
    CHECK_OK(close(ends[1]));
    CHECK_OK(close(copy));
    CHECK_IS(read(ends[0], text, sizeof text), 5);
    CHECK_IS(read(ends[0], text, sizeof text), 4);
    CHECK_IS(read(ends[0], text, sizeof text), 0);
    CHECK_IS(read(ends[0], text, sizeof text), 0);
    CHECK_IS(wait_for(child), 0);
    return 0;
}
