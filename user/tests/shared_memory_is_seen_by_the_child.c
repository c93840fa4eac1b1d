// A shared anonymous mapping is the same memory in parent and child, in both directions.
#include "check.h"

static volatile char *memory;

static void answer(void) {
    while (memory[0] != 'p') sched_yield();
    CHECK_IS(memory[3 * PAGE], 'q');
    memory[3 * PAGE] = 'd';
    memory[0] = 'c';
}

int main(void) {
    memory = new_pages(4, MAP_SHARED);
    pid_t child = start_child(answer);
    memory[3 * PAGE] = 'q';
    memory[0] = 'p';
    CHECK_IS(wait_for(child), 0);
    CHECK_IS(memory[0], 'c');
    CHECK_IS(memory[3 * PAGE], 'd');
    CHECK_IS(memory[PAGE], 0);
    return 0;
}
