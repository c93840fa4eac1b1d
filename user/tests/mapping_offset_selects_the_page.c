// A mapping begins at the given offset of the file, which must be a multiple of the page size.
#include "check.h"

#define PAGES 6

int main(void) {
    enter_scratch();
    int fd = new_file("file", "");
    for (int i = 0; i < PAGES; i++) {
        char page[PAGE];
        memset(page, 'a' + i, sizeof page);
        CHECK_IS(write(fd, page, sizeof page), sizeof page);
    }
    for (int i = 0; i < PAGES; i++) {
        char *memory = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, i * PAGE));
        CHECK_IS(memory[0], 'a' + i);
        CHECK_IS(memory[PAGE - 1], 'a' + i);
    }
    char *two = (char *)CHECK_OK(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 3 * PAGE));
    CHECK_IS(two[0], 'd');
    CHECK_IS(two[PAGE], 'e');
    CHECK_FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
    return 0;
}
