// A read from a pipe waits for the first byte only and returns what is there, up to its size.
#include "check.h"

int main(void) {
    char text[100];
    int ends[2];
    CHECK_OK(pipe(ends));
    CHECK_IS(write(ends[1], "abc", 3), 3);
    CHECK_IS(write(ends[1], "defgh", 5), 5);
    CHECK_IS(read(ends[0], text, 2), 2);
    CHECK_IS(read(ends[0], text + 2, sizeof text), 6);
    CHECK(memcmp(text, "abcdefgh", 8) == 0);
    CHECK_IS(read(ends[0], text, 0), 0);
    return 0;
}
