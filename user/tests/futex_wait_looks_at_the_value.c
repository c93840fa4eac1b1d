// FUTEX_WAIT returns at once with EAGAIN where the word is not as expected, and with ETIMEDOUT
// after its time; the word must be aligned and mapped.
#include <abi/futex.h>

#include "check.h"

int main(void) {
    int words[2] = {5, 0};
    struct timespec soon = {0, 20 * MILLISECOND};
    CHECK_FAILS(syscall(SYS_futex, words, FUTEX_WAIT, 6, NULL, NULL, 0), EAGAIN);
    long before = monotonic_milliseconds();
    CHECK_FAILS(syscall(SYS_futex, words, FUTEX_WAIT, 5, &soon, NULL, 0), ETIMEDOUT);
    CHECK(monotonic_milliseconds() - before >= 19);
    CHECK_FAILS(syscall(SYS_futex, (char *)words + 1, FUTEX_WAIT, 5, &soon, NULL, 0), EINVAL);
    CHECK_FAILS(syscall(SYS_futex, NULL, FUTEX_WAIT, 5, &soon, NULL, 0), EFAULT);
    CHECK_IS(syscall(SYS_futex, words, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
    return 0;
}
