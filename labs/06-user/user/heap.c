// heap SEED COUNT: moves the break up in random steps, fills what it gets, and looks at all of it
// again. Requests that cannot be met leave the break. Prints what the host can foretell.
#include "lab.h"

int main(int argc, char **argv) {
    lab_seed(lab_argument(argc, argv, 1));
    uint64_t count = lab_argument(argc, argv, 2), hash = LAB_HASH, dirty = 0;
    unsigned char *start = (unsigned char *)lab_call(SYS_brk, 0, 0, 0), *end = start;
    say("start %lu\n", (unsigned long)start);
    for (uint64_t i = 0; i < count; i++) {
        // At first, while the heap is empty, only below its start.
        uint64_t kind = lab_below(6), step = lab_below(3) == 0 ? lab_below(9) : lab_below(3 * PAGE);
        unsigned char *wanted = end + step;
        if (i < 3) kind = 4;
        if (kind == 4) wanted = start - 1 - lab_below(i < 3 ? PAGE - 1 : 2 * PAGE);
        if (kind == 5) wanted = (unsigned char *)((1ul << 38) + step);  // where users end
        unsigned char *got = (unsigned char *)lab_call(SYS_brk, (long)wanted, 0, 0);
        say("%lu %ld\n", (unsigned long)i, (long)(got - start));
        if (kind >= 4 || got != wanted) continue;
        // What is new is zero; then it gets a value, up to the end of its page.
        for (unsigned char *at = end; at < got; at++) dirty += *at != 0;
        for (unsigned char *at = end; at < got; at++)
            *at = (unsigned char)(i * 7 + (size_t)at % 251);
        end = got;
    }
    say("dirty %lu\n", (unsigned long)dirty);
    for (unsigned char *at = start; at < end; at++) hash = (hash ^ *at) * 0x100000001b3ul;
    say("hash %lu\n", (unsigned long)hash);
    return 0;
}
