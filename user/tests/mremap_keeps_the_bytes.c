// A mapping that grows, moves or shrinks keeps its bytes; what is new is zero, and what is given up
// is out of reach.
#include "check.h"

static char *memory;

static void touch_the_end(void) {
    *(volatile char *)(memory + PAGE) = 1;
}

int main(void) {
    memory = new_pages(5, MAP_PRIVATE);
    // In the way of the first four: they must move to grow.
    CHECK_OK(mprotect(memory + 4 * PAGE, PAGE, PROT_NONE));
    for (long i = 0; i < 4 * PAGE; i++) memory[i] = (char)(i / 7);
    CHECK_FAILS((long)mremap(memory, 4 * PAGE, 8 * PAGE, 0), ENOMEM);
    char *moved = (char *)CHECK_OK((long)mremap(memory, 4 * PAGE, 2000 * PAGE, MREMAP_MAYMOVE));
    CHECK(moved != memory);
    for (long i = 0; i < 4 * PAGE; i++) CHECK_IS(moved[i], (char)(i / 7));
    for (long i = 4 * PAGE; i < 2000 * PAGE; i += 511) CHECK_IS(moved[i], 0);
    moved[2000 * PAGE - 1] = 'e';
    memory = moved;
    CHECK_IS((long)mremap(moved, 2000 * PAGE, PAGE, 0), (long)moved);
    for (long i = 0; i < PAGE; i++) CHECK_IS(moved[i], (char)(i / 7));
    CHECK_KILLED(touch_the_end, SIGSEGV);
    // There is room behind it now.
    CHECK_IS((long)mremap(moved, PAGE, 3 * PAGE, 0), (long)moved);
    CHECK_IS(moved[PAGE], 0);
    return 0;
}
