// A shared mapping of a file and read and write work on the same bytes, at once.
#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "goose on the disk");
    char *memory = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    char byte;
    CHECK_IS(pread(fd, &byte, 1, 0), 1);
    memory[0] = 'm';
    CHECK_TEXT(text_of("file"), "moose on the disk");
    CHECK_IS(pwrite(fd, "l", 1, 0), 1);
    CHECK_TEXT(memory, "loose on the disk");
    CHECK_OK(msync(memory, PAGE, MS_SYNC));
    memory[1] = 'a';
    CHECK_OK(munmap(memory, PAGE));
    CHECK_TEXT(text_of("file"), "laose on the disk");
    return 0;
}
