// What a parent writes after fork, the child does not see, even if it looks for the first time
// later.
#include "check.h"

static volatile int *memory;
static int go[2];

static void look(void) {
    char byte;
    CHECK_IS(read(go[0], &byte, 1), 1);
    CHECK_IS(*memory, 1);
}

int main(void) {
    memory = new_pages(1, MAP_PRIVATE);
    *memory = 1;
    CHECK_OK(pipe(go));
    pid_t child = start_child(look);
    *memory = 2;
    CHECK_IS(write(go[1], "x", 1), 1);
    CHECK_IS(wait_for(child), 0);
    CHECK_IS(*memory, 2);
    return 0;
}
