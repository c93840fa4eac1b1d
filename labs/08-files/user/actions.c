// actions SEED COUNT: calls of rt_sigaction, sound and unsound, at random. Prints each result, and
// the action before as the kernel tells it.
#include "lab.h"

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    uint64_t count = lab_argument(argc, argv, 2);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t kind = lab_below(8);
        // Few signals, so that each is met often, and SIGKILL and SIGSTOP among them.
        long number = lab_below(6) == 0 ? (long) lab_below(80) - 8 : 7 + (long) lab_below(14);
        if (kind == 7) number = 1 + (long) lab_below(6);
        struct sigaction action = {.sa_flags = lab_next() & 0xfc000007, .sa_mask = lab_next()};
        uint64_t handler = lab_below(3);
        action.sa_handler = (sighandler_t) (handler == 2 ? lab_next() >> 30 : handler);
        struct sigaction before = {.sa_flags = 7, .sa_mask = 7};
        before.sa_handler = (sighandler_t) 7;
        long given = (long) &action, told = (long) &before;
        if (kind == 5) given = 0;
        if (kind == 6) told = 0;
        if (kind == 7) given = lab_below(2) == 0 ? 16 : (long) 0xffffffc080400000ul;
        long size = lab_below(10) == 0 ? (long) lab_below(8) : 8;
        long result = lab_call(SYS_rt_sigaction, number, given, told, size);
        say("%lu %ld %lx %lx %lx\n", (unsigned long) i, result, (unsigned long) before.sa_handler,
            (unsigned long) before.sa_flags, (unsigned long) before.sa_mask);
    }
    say("end %lx\n", (unsigned long) lab_next());
    return 0;
}
