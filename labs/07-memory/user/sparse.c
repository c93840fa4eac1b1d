// sparse SEED PAGES COUNT BASE: maps PAGES pages, far more than there is memory, and touches COUNT
// places in them at random: some are read, some get a random word. Then it stands still.
#include "lab.h"

static volatile uint64_t emptiness[200ul << 17];  // 200 MiB of zeroes in the program itself

int main(int argc, char **argv) {
    lab_seed(lab_argument(argc, argv, 1));
    uint64_t pages = lab_argument(argc, argv, 2), count = lab_argument(argc, argv, 3), sum = 0;
    volatile uint64_t *words =
        mmap((void *)lab_argument(argc, argv, 4), pages * PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t at = lab_below(pages * PAGE / 8), value = lab_next();
        if (lab_below(2) == 0) words[at] = value;
        sum += words[at] + emptiness[at % (200ul << 17)];
    }
    say("sum %lu\n", (unsigned long)sum);
    for (;;) continue;
}
