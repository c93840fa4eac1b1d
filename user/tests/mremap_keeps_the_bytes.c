// A mapping that grows, moves or shrinks keeps its bytes; what is new is zero, and what is given up
// is out of reach.
#include "check.h"

static char *memory;

static void touch_the_end(void) {
    *(volatile char *)(memory + PAGE) = 1;
}

int main(void) {
    memory = new_pages(4, MAP_PRIVATE);
    for (long i = 0; i < 4 * PAGE; i++) memory[i] = (char)(i / 7);
    // In its way: it must move to grow.
    CHECK_IS((long)mmap(memory + 4 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                        -1, 0),
             (long)(memory + 4 * PAGE));
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
