// A child of vfork that a signal ends leaves its parent's memory as it was.
// not-on-qemu-user: it makes vfork a fork
#include "lend.h"

static volatile char *page;

static void body(void) {
    page[0] = 'c';
    *(volatile int *)KERNEL_ADDRESS = 1;
    _exit(0);
}

int main(void) {
    page = new_pages(1, MAP_PRIVATE);
    page[1] = 'p';
    CHECK_IS(wait_for((pid_t)CHECK_OK(lend_memory(0, body))) & ~W_COREFLAG, SIGSEGV);
    CHECK_IS(page[0], 'c');
    CHECK_IS(page[1], 'p');
    return 0;
}
