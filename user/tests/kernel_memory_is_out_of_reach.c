// Reading, writing or running kernel memory, or addresses that no page table can hold, ends the
// program by SIGSEGV.
#include "check.h"

static volatile unsigned long address;

static void read_it(void) {
    (void)*(volatile char *)address;
}

static void write_it(void) {
    *(volatile char *)address = 1;
}

static void run_it(void) {
    ((void (*)(void))address)();
}

int main(void) {
    unsigned long addresses[] = {(unsigned long)KERNEL_ADDRESS, 0xffffffc000000000,
                                 0xfffffffffffff000, 0x4000000000, 0x0100000000000000};
    for (unsigned i = 0; i < COUNT_OF(addresses); i++) {
        address = addresses[i];
        CHECK_KILLED(read_it, SIGSEGV);
        CHECK_KILLED(write_it, SIGSEGV);
        CHECK_KILLED(run_it, SIGSEGV);
    }
    return 0;
}
