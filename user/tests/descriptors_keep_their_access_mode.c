// A descriptor open for reading cannot be written, nor the other way, and F_GETFL tells which it
// is; F_SETFL changes O_APPEND and O_NONBLOCK but not the mode.
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("file", "text");
    int reading = (int)CHECK_OK(open("file", O_RDONLY));
    int writing = (int)CHECK_OK(open("file", O_WRONLY | O_APPEND));
    char byte = 'x';
    CHECK_FAILS(write(reading, &byte, 1), EBADF);
    CHECK_FAILS(read(writing, &byte, 1), EBADF);
    CHECK_FAILS(ftruncate(reading, 0), EINVAL);
    int mask = O_ACCMODE | O_APPEND | O_NONBLOCK;
    CHECK_IS(fcntl(reading, F_GETFL) & mask, O_RDONLY);
    CHECK_IS(fcntl(writing, F_GETFL) & mask, O_WRONLY | O_APPEND);
    CHECK_OK(fcntl(reading, F_SETFL, O_RDWR | O_NONBLOCK));
    CHECK_IS(fcntl(reading, F_GETFL) & mask, O_RDONLY | O_NONBLOCK);
    int copy = (int)CHECK_OK(dup(reading));
    CHECK_OK(fcntl(copy, F_SETFL, 0));
    CHECK_IS(fcntl(reading, F_GETFL) & mask, O_RDONLY);
    return 0;
}
