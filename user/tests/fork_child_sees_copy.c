// A forked child finds the parent's data, heap and stack as they were, and is another process.
#include "check.h"

static int global = 1;
static int *on_heap;
static int *on_stack;
static pid_t parent;

static void look(void) {
    CHECK_IS(global, 2);
    CHECK_IS(*on_heap, 3);
    CHECK_IS(*on_stack, 4);
    CHECK(getpid() != parent);
    CHECK_IS(getppid(), parent);
}

int main(void) {
    int local = 4;
    global = 2;
    on_heap = malloc(sizeof *on_heap);
    *on_heap = 3;
    on_stack = &local;
    parent = getpid();
    CHECK_PASSES(look);
    return 0;
}
