// Memory without any permission can neither be read by the program nor by the kernel for it, and
// keeps its contents.
#include "check.h"

static volatile char *memory;

static void look(void) {
    (void)*memory;
}

int main(void) {
    int ends[2];
    CHECK_OK(pipe(ends));
    memory = new_pages(1, MAP_PRIVATE);
    *memory = 'x';
    CHECK_OK(mprotect((char *)memory, PAGE, PROT_NONE));
    CHECK_KILLED(look, SIGSEGV);
    CHECK_FAILS(write(ends[1], (char *)memory, 1), EFAULT);
    CHECK_OK(mprotect((char *)memory, PAGE, PROT_READ));
    CHECK_IS(*memory, 'x');
    return 0;
}
