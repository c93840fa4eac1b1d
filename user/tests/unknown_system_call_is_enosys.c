// A system call with a number that does not exist answers ENOSYS.
#include "check.h"

int main(void) {
    long numbers[] = {1000, 5000, -1, 1l << 31, 1l << 40};
    for (unsigned i = 0; i < COUNT_OF(numbers); i++) CHECK_FAILS(syscall(numbers[i]), ENOSYS);
    return 0;
}
