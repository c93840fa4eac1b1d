// hostile SEED COUNT: system calls with good and bad pointers, at random. Prints each result; the host
// knows which must be which.
#include "lab.h"

static const char read_only[2 * PAGE] __attribute__((aligned(4096))) = {1};
static unsigned char writable[2 * PAGE] __attribute__((aligned(4096)));

#define USER_END (1ul << 38)
#define STACK_TOP (USER_END - 16 * PAGE)  // above it nothing is mapped; below lie strings

// Kinds of addresses. The host has the same list.
static uint64_t draw(uint64_t kind) {
    uint64_t offset = lab_below(PAGE - 8);
    switch (kind) {
    case 0: return (uint64_t)writable + offset;
    case 1: return (uint64_t)read_only + offset;
    case 2: return offset;                                // the null page
    case 3: return 0xffffffc080400000ul + offset;         // the kernel's text
    case 4: return 0xffffffc081000000ul + offset;         // RAM in the kernel's map
    case 5: return ~0ul - lab_below(7);                   // the end of everything
    case 6: return USER_END - 1 - lab_below(7);           // the end of user space, and beyond
    case 7: return USER_END + offset;                     // no address at all
    default: return 0x10000000ul + 0xffffffc000000000ul;  // a device
    }
}

int main(int argc, char **argv) {
    lab_seed(lab_argument(argc, argv, 1));
    uint64_t count = lab_argument(argc, argv, 2), mask = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t what = lab_below(5), kind = lab_below(3) == 0 ? lab_below(2) : lab_below(9);
        uint64_t at = draw(kind), value = lab_next() & 0xffff0000;
        long result = 0;
        if (what == 0) {  // the kernel reads
            if (kind == 0) memcpy((void *)at, &value, 8);
            if (kind == 1) value = *(volatile uint64_t *)(at & ~7ul), at &= ~7ul;
            result = lab_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)at, 0);
            if (result == 0) mask = value & ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1));
        } else if (what == 1) {  // the kernel writes
            result = lab_call(SYS_rt_sigprocmask, 0, 0, (long)at);
            if (result == 0) result = *(volatile uint64_t *)at == mask ? 7001 : 7002;
        } else if (what == 2) {  // a long buffer that ends in the bad
            if (kind == 0) at = STACK_TOP - 1 - at % 16;
            result = lab_call(SYS_getrandom, (long)at, 3 * PAGE, 0);
        } else if (what == 3) {  // a path
            char *nothing[] = {NULL};
            if (kind == 0) memcpy((void *)at, "/x", 3);
            if (kind != 1) result = lab_call(SYS_execve, (long)at, (long)nothing, 0);
        } else {  // what to print, from a bad place, and to no file
            if (kind >= 2) result = lab_call(SYS_write, 1, (long)at, 64);
            else result = lab_call(SYS_write, (long)(1000 + value), (long)at, 64);
        }
        say("%lu %ld\n", (unsigned long)i, result);
    }
    say("end %lu\n", (unsigned long)lab_next());
    return 0;
}
