// A gigabyte can be reserved without permission and used in places by mprotect, on a small machine.
#include "check.h"

int main(void) {
    long size = 1l << 30;
    char *memory = (char *)CHECK_OK(
        mmap(NULL, (size_t)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    for (long at = 0; at < size; at += size / 8) {
        CHECK_OK(mprotect(memory + at, PAGE, PROT_READ | PROT_WRITE));
        memory[at] = 'x';
    }
    CHECK_OK(munmap(memory, (size_t)size / 2));
    CHECK_IS(memory[size / 2], 'x');
    CHECK_OK(munmap(memory + size / 2, (size_t)size / 2));
    return 0;
}
