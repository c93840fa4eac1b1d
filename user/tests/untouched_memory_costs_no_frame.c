// Memory takes frames when it is touched, page by page, and gives them back when it is unmapped.
// goose-only: looks at goose's counters.
#include "counters.h"

#define PAGES 4096

static long taken_since(long before) {
    return before - free_frames();
}

int main(void) {
    long before = free_frames();
    char *memory = new_pages(PAGES, MAP_PRIVATE);
    CHECK(taken_since(before) < 100);
    for (long i = 0; i < PAGES; i += 4) memory[i * PAGE] = 'x';
    long taken = taken_since(before);
    CHECK(taken >= PAGES / 4 - 100 && taken < PAGES / 4 + 200);
    CHECK_OK(madvise(memory, PAGES / 2 * PAGE, MADV_DONTNEED));
    CHECK(taken_since(before) < PAGES / 8 + 200);
    CHECK_OK(munmap(memory, PAGES * PAGE));
    CHECK(taken_since(before) < 200);
    return 0;
}
