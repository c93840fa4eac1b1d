// In a mapping that is longer than its file the rest of the last page is zero, and the pages after
// it raise SIGBUS.
#include "check.h"

static volatile char *memory;

static void look_behind(void) {
    (void)memory[PAGE];
}

static void write_behind(void) {
    memory[2 * PAGE] = 'x';
}

int main(void) {
    enter_scratch();
    int fd = new_file("file", "goose");
    memory = (char *)CHECK_OK(mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    CHECK_IS(memory[4], 'e');
    for (int i = 5; i < PAGE; i++) CHECK_IS(memory[i], 0);
    CHECK_KILLED(look_behind, SIGBUS);
    CHECK_KILLED(write_behind, SIGBUS);
    CHECK_OK(ftruncate(fd, 2 * PAGE));
    CHECK_IS(memory[PAGE], 0);
    return 0;
}
