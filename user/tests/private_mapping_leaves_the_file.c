// What is written into a private mapping of a file neither reaches the file nor other mappings.
#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "goose on the disk");
    char *first = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    char *second = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    CHECK_TEXT(first, "goose on the disk");
    const char moose[] = {'m', 'o', 'o', 's', 'e'};
    memcpy(first, moose, sizeof moose);
    CHECK_TEXT(first, "moose on the disk");
    CHECK_TEXT(second, "goose on the disk");
    CHECK_OK(munmap(first, PAGE));
    CHECK_TEXT(text_of("file"), "goose on the disk");
    return 0;
}
