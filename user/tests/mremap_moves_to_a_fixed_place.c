// mremap with MREMAP_FIXED moves pages to the address that is given, in the place of what was there, and
// may make the mapping longer or shorter on the way.
#include "check.h"

#define MOVE (MREMAP_MAYMOVE | MREMAP_FIXED)

static void touch_cut_off(void) {
    char *from = new_pages(4, MAP_PRIVATE), *to = new_pages(4, MAP_PRIVATE);
    CHECK_IS(mremap(from, 4 * PAGE, 2 * PAGE, MOVE, to), to);
    *(volatile char *)(from + 3 * PAGE) = 1;
}

static void touch_old(void) {
    char *from = new_pages(1, MAP_PRIVATE), *to = new_pages(1, MAP_PRIVATE);
    CHECK_IS(mremap(from, PAGE, PAGE, MOVE, to), to);
    *(volatile char *)from = 1;
}

int main(void) {
    char *from = new_pages(4, MAP_PRIVATE), *to = new_pages(8, MAP_PRIVATE);
    for (int i = 0; i < 4; i++) from[i * PAGE] = (char)('a' + i);
    memset(to, 'x', 8 * PAGE);

    // Longer: the bytes, then zeroes; the rest of what was there stays.
    CHECK_IS(mremap(from, 4 * PAGE, 6 * PAGE, MOVE, to + PAGE), to + PAGE);
    CHECK_IS(to[0], 'x');
    for (int i = 0; i < 4; i++) CHECK_IS(to[(i + 1) * PAGE], 'a' + i);
    CHECK_IS(to[5 * PAGE] + to[6 * PAGE], 0);
    CHECK_IS(to[7 * PAGE], 'x');
    CHECK_KILLED(touch_old, SIGSEGV);

    // Shorter: only the first pages move, and the others are gone.
    char *there = new_pages(4, MAP_PRIVATE);
    CHECK_IS(mremap(to + PAGE, 4 * PAGE, 2 * PAGE, MOVE, there), there);
    CHECK_IS(there[0], 'a');
    CHECK_IS(there[PAGE], 'b');
    CHECK_IS(there[2 * PAGE], 0);
    CHECK_KILLED(touch_cut_off, SIGSEGV);

    // Never onto itself.
    CHECK_FAILS((long)mremap(there, 2 * PAGE, 2 * PAGE, MOVE, there + PAGE), EINVAL);
    CHECK_FAILS((long)mremap(there, PAGE, PAGE, MOVE, there), EINVAL);
    CHECK_FAILS((long)mremap(there, PAGE, PAGE, MOVE, to + 1), EINVAL);
    CHECK_FAILS((long)mremap(there, PAGE, PAGE, MREMAP_FIXED, to), EINVAL);
    CHECK_IS(there[0], 'a');
    return 0;
}
