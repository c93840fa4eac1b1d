// What a child writes into memory that it shares with its parent by fork, the parent does not see.
#include "check.h"

#define PAGES 64

static char *memory;

static void overwrite(void) {
    for (long i = 0; i < PAGES; i++) {
        CHECK_IS(memory[i * PAGE + i], i);
        memory[i * PAGE + i] = 'c';
    }
    for (long i = 0; i < PAGES; i++) CHECK_IS(memory[i * PAGE + i], 'c');
}

int main(void) {
    memory = new_pages(PAGES, MAP_PRIVATE);
    for (long i = 0; i < PAGES; i++) memory[i * PAGE + i] = (char)i;
    CHECK_PASSES(overwrite);
    for (long i = 0; i < PAGES; i++) CHECK_IS(memory[i * PAGE + i], i);
    return 0;
}
