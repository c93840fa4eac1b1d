// Anonymous memory is zero when it comes, page by page, even where such memory was used and
// unmapped.
#include "check.h"

#define PAGES 50

int main(void) {
    for (int round = 0; round < 3; round++) {
        char *memory = new_pages(PAGES, MAP_PRIVATE);
        for (long i = 0; i < PAGES * PAGE; i++) CHECK_IS(memory[i], 0);
        memset(memory, 'x', PAGES * PAGE);
        CHECK_OK(munmap(memory, PAGES * PAGE));
    }
    return 0;
}
