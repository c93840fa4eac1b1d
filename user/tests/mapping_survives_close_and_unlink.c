// A mapping of a file stays when its descriptor is closed and its name is gone.
#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "still here");
    char *memory = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    CHECK_OK(close(fd));
    CHECK_OK(unlink("file"));
    make_file("file", "another one");
    CHECK_TEXT(memory, "still here");
    memory[0] = 'S';
    CHECK_TEXT(memory, "Still here");
    CHECK_TEXT(text_of("file"), "another one");
    return 0;
}
