// When the kernel writes into memory that parent and child share since fork, it makes a copy first,
// as for a write of the program.
#include "check.h"

static char *memory;
static int ends[2];

static void read_there(void) {
    CHECK_IS(read(ends[0], memory + PAGE - 4, 8), 8);
    CHECK(memcmp(memory + PAGE - 4, "from-fd!", 8) == 0);
}

int main(void) {
    CHECK_OK(pipe(ends));
    memory = new_pages(2, MAP_PRIVATE);
    memset(memory, 'p', 2 * PAGE);
    CHECK_IS(write(ends[1], "from-fd!from-fd!", 16), 16);
    CHECK_PASSES(read_there);
    for (long i = 0; i < 2 * PAGE; i++) CHECK_IS(memory[i], 'p');
    return 0;
}
