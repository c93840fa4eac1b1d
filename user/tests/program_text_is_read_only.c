// Writing to the program's code or constants ends it by SIGSEGV.
#include "check.h"

static const char *const constant = "constant";

static void write_to_code(void) {
    *(volatile char *)(unsigned long)write_to_code = 0;
}

static void write_to_constant(void) {
    *(volatile char *)(unsigned long)constant = 0;
}

int main(void) {
    CHECK_KILLED(write_to_code, SIGSEGV);
    CHECK_KILLED(write_to_constant, SIGSEGV);
    return 0;
}
