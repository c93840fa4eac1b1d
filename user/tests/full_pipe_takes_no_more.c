// A pipe holds 64 KiB; a write that does not fit waits, or fails with EAGAIN under O_NONBLOCK, and
// one of up to 4096 bytes is taken whole or not at all.
#include "check.h"

int main(void) {
    static char bytes[PAGE];
    int ends[2];
    CHECK_OK(pipe2(ends, O_NONBLOCK));
    long total = 0;
    while (write(ends[1], bytes, 1000) == 1000) total += 1000;
    CHECK_IS(errno, EAGAIN);
    CHECK(total > 65536 - 1000 - PAGE && total <= 65536);
    CHECK_FAILS(write(ends[1], bytes, PAGE), EAGAIN);
    while (total > 0) {
        long count = CHECK_OK(read(ends[0], bytes, sizeof bytes));
        total -= count;
    }
    CHECK_IS(total, 0);
    CHECK_FAILS(read(ends[0], bytes, 1), EAGAIN);
    CHECK_IS(write(ends[1], bytes, PAGE), PAGE);
    return 0;
}
