// O_TRUNC empties an existing file; without it opening for writing leaves the bytes.
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("file", "some bytes");
    CHECK_OK(close((int)CHECK_OK(open("file", O_WRONLY | O_CREAT, 0644))));
    CHECK_TEXT(text_of("file"), "some bytes");
    int fd = (int)CHECK_OK(open("file", O_WRONLY | O_TRUNC));
    CHECK_TEXT(text_of("file"), "");
    CHECK_IS(write(fd, "new", 3), 3);
    CHECK_TEXT(text_of("file"), "new");
    return 0;
}
