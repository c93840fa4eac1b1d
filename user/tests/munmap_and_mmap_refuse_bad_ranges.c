// mmap, munmap and mprotect refuse lengths of zero, addresses inside a page and kernel addresses.
#include "check.h"

int main(void) {
    char *memory = new_pages(2, MAP_PRIVATE);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    CHECK_FAILS(mmap(NULL, 0, PROT_READ, flags, -1, 0), EINVAL);
    CHECK_FAILS(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_FAILS(mmap(memory + 1, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), EINVAL);
    CHECK_FAILS(mmap(KERNEL_ADDRESS, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 999, 0), EBADF);
    CHECK_FAILS(munmap(memory + 1, PAGE), EINVAL);
    CHECK_FAILS(munmap(memory, 0), EINVAL);
    CHECK_FAILS(munmap(KERNEL_ADDRESS, PAGE), EINVAL);
    CHECK_FAILS(mprotect(memory + 1, PAGE, PROT_READ), EINVAL);
    CHECK_FAILS(mprotect(KERNEL_ADDRESS, PAGE, PROT_READ), ENOMEM);
    CHECK_OK(munmap(memory, 2 * PAGE));
    CHECK_FAILS(mprotect(memory, PAGE, PROT_READ), ENOMEM);
    return 0;
}
