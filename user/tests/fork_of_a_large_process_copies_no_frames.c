// fork shares memory until it is written: a child of a process of 32 MiB takes some dozens of
// frames, and one more for each page that it writes.
// goose-only: looks at goose's counters.
#include "counters.h"

#define PAGES 8192

static char *memory;
static long before;

static void look(void) {
    CHECK(before - free_frames() < 300);
    for (long i = 0; i < 1000; i++) memory[i * PAGE] = 'c';
    long taken = before - free_frames();
    CHECK(taken >= 1000 && taken < 1300);
}

int main(void) {
    memory = new_pages(PAGES, MAP_PRIVATE);
    memset(memory, 'x', PAGES * PAGE);
    before = free_frames();
    CHECK_PASSES(look);
    for (int i = 0; before - free_frames() >= 100; i++) {
        CHECK(i < 100);
        nap(10);
    }
    return 0;
}
