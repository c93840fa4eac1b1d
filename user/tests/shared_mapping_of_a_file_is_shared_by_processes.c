// Two processes that map the same file shared, each by itself, see each other's writes.
#include "check.h"

static void write_there(void) {
    int fd = (int)CHECK_OK(open("file", O_RDWR));
    char *memory = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    const char child[] = {'c', 'h', 'i', 'l', 'd'};
    memcpy(memory, child, sizeof child);
}

int main(void) {
    enter_scratch();
    int fd = new_file("file", "..... was here");
    char *memory = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
    CHECK_IS(memory[0], '.');
    CHECK_PASSES(write_there);
    CHECK_TEXT(memory, "child was here");
    return 0;
}
