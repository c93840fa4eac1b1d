// Unmapping the middle of a mapping takes away those pages only; both sides keep their contents.
#include "check.h"

static volatile char *memory;
static int hole;

static void look_into_the_hole(void) {
    (void)memory[hole * PAGE];
}

int main(void) {
    memory = new_pages(10, MAP_PRIVATE);
    for (int i = 0; i < 10; i++) memory[i * PAGE] = (char)('a' + i);
    CHECK_OK(munmap((char *)memory + 4 * PAGE, 2 * PAGE));
    for (int i = 0; i < 10; i++) {
        if (i != 4 && i != 5) CHECK_IS(memory[i * PAGE], 'a' + i);
    }
    for (hole = 4; hole < 6; hole++) CHECK_KILLED(look_into_the_hole, SIGSEGV);
    // Across both sides and the hole: what is not mapped does not matter.
    CHECK_OK(munmap((char *)memory + 3 * PAGE, 4 * PAGE));
    CHECK_IS(memory[2 * PAGE], 'c');
    CHECK_IS(memory[7 * PAGE], 'h');
    hole = 3;
    CHECK_KILLED(look_into_the_hole, SIGSEGV);
    return 0;
}
