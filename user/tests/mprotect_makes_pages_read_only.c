// After mprotect without PROT_WRITE a write raises SIGSEGV; only the named pages change, they keep
// their contents, and mprotect makes them writable again.
#include "check.h"

static volatile char *memory;
static int page;

static void write_there(void) {
    memory[page * PAGE] = 'w';
}

int main(void) {
    memory = new_pages(5, MAP_PRIVATE);
    memset((char *)memory, 'x', 5 * PAGE);
    CHECK_OK(mprotect((char *)memory + PAGE, 2 * PAGE, PROT_READ));
    for (page = 0; page < 5; page++) {
        CHECK_IS(status_of(write_there) & 0x7f, page == 1 || page == 2 ? SIGSEGV : 0);
        CHECK_IS(memory[page * PAGE], 'x');
    }
    CHECK_OK(mprotect((char *)memory + PAGE, PAGE, PROT_READ | PROT_WRITE));
    memory[PAGE] = 'y';
    CHECK_IS(memory[PAGE], 'y');
    page = 2;
    CHECK_KILLED(write_there, SIGSEGV);
    return 0;
}
