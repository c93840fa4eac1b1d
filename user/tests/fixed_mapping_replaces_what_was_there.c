// MAP_FIXED puts a mapping over parts of others; without it an address is only a wish.
#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "from the file");
    char *memory = new_pages(5, MAP_PRIVATE);
    memset(memory, 'x', 5 * PAGE);
    CHECK_IS(mmap(memory + 2 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0),
             memory + 2 * PAGE);
    CHECK_TEXT(memory + 2 * PAGE, "from the file");
    CHECK_IS(memory[2 * PAGE - 1], 'x');
    CHECK_IS(memory[3 * PAGE], 'x');
    char *elsewhere =
        (char *)CHECK_OK(mmap(memory, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK(elsewhere != memory);
    CHECK_IS(memory[0], 'x');
    CHECK_IS(elsewhere[0], 0);
    return 0;
}
