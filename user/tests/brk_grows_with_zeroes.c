// Memory that brk adds is zero, also where the break was before, was written to and was given back.
#include "check.h"

#define PAGES 20

int main(void) {
    char *start = sbrk(0);
    for (int round = 0; round < 3; round++) {
        CHECK_IS(sbrk(PAGES * PAGE), start);
        for (long i = 0; i < PAGES * PAGE; i++) CHECK_IS(start[i], 0);
        memset(start, 'x', PAGES * PAGE);
        CHECK_IS(sbrk(-PAGES * PAGE), start + PAGES * PAGE);
        CHECK_IS(sbrk(0), start);
    }
    return 0;
}
