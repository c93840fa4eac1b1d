// Reading, writing or jumping to address 0, or near it, ends the program by SIGSEGV.
#include "check.h"

static volatile unsigned long address;

static void read_it(void) {
    (void)*(volatile char *)address;
}

static void write_it(void) {
    *(volatile char *)address = 1;
}

static void jump_there(void) {
    ((void (*)(void))address)();
}

int main(void) {
    unsigned long addresses[] = {0, 8, 4095};
    for (unsigned i = 0; i < COUNT_OF(addresses); i++) {
        address = addresses[i];
        CHECK_KILLED(read_it, SIGSEGV);
        CHECK_KILLED(write_it, SIGSEGV);
    }
    address = 0;
    CHECK_KILLED(jump_there, SIGSEGV);
    return 0;
}
