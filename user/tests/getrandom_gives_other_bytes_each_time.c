// getrandom fills its buffer with bytes that differ from call to call.
#include <sys/random.h>

#include "check.h"

int main(void) {
    unsigned char bytes[2][64] = {{0}};
    for (int i = 0; i < 2; i++) CHECK_IS(getrandom(bytes[i], 64, 0), 64);
    CHECK(memcmp(bytes[0], bytes[1], 64) != 0);
    unsigned char all_or = 0, all_and = 0xff;
    for (int i = 0; i < 64; i++) all_or |= bytes[0][i], all_and &= bytes[0][i];
    CHECK_IS(all_or, 0xff);
    CHECK_IS(all_and, 0);
    CHECK_FAILS(getrandom(bytes, 1, 0x1000), EINVAL);
    return 0;
}
