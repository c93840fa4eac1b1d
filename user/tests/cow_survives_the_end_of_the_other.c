// A page shared by fork stays with the last process that has it, whichever ends first.
#include "check.h"

#define PAGES 32

static char *memory;
static int go[2];

static void look_later(void) {
    char byte;
    CHECK_IS(read(go[0], &byte, 1), 1);
    // New pages now, filled: a frame given back too early would be among them.
    memset(new_pages(PAGES, MAP_PRIVATE), 'n', PAGES * PAGE);
    for (long i = 0; i < PAGES; i++) CHECK_IS(memory[i * PAGE], 'p');
    memset(memory, 'c', PAGES * PAGE);
}

static void nothing(void) {
}

int main(void) {
    memory = new_pages(PAGES, MAP_PRIVATE);
    memset(memory, 'p', PAGES * PAGE);
    CHECK_OK(pipe(go));
    CHECK_PASSES(nothing);
    pid_t child = start_child(look_later);
    CHECK_PASSES(nothing);
    CHECK_OK(munmap(memory, PAGES * PAGE));
    memset(new_pages(PAGES, MAP_PRIVATE), 'o', PAGES * PAGE);
    CHECK_IS(write(go[1], "x", 1), 1);
    CHECK_IS(wait_for(child), 0);
    return 0;
}
