// Mappings give back all when they are unmapped, in one piece or in many, replaced, discarded, or
// protected from all access before.
// goose-only: looks at goose's counters.
#include "counters.h"

static int fd;

static void use_shared(void) {
    char *memory =
        (char *)CHECK_OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    memory[0] = 'y';
    char *copy = (char *)CHECK_OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    copy[PAGE] = 'z';
}

static void cycle(void) {
    char *memory = new_pages(16, MAP_PRIVATE);
    memset(memory, 'x', 16 * PAGE);
    CHECK_OK(mprotect(memory, 4 * PAGE, PROT_NONE));
    CHECK_OK(madvise(memory + 4 * PAGE, 4 * PAGE, MADV_DONTNEED));
    CHECK_IS(mmap(memory + 8 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
             memory + 8 * PAGE);
    CHECK_PASSES(use_shared);
    for (int i = 1; i < 16; i += 2) CHECK_OK(munmap(memory + i * PAGE, PAGE));
    CHECK_OK(munmap(memory, 16 * PAGE));
    CHECK_OK(sbrk(8 * PAGE));
    memset((char *)sbrk(0) - 8 * PAGE, 'x', 8 * PAGE);
    CHECK_OK(sbrk(-8 * PAGE));
}

int main(void) {
    enter_scratch();
    fd = new_file("file", "");
    CHECK_OK(ftruncate(fd, 2 * PAGE));
    check_leaks_nothing(cycle);
    return 0;
}
