// The stack grows to some megabytes by being used.
#include "check.h"

static int depth_of(int depth) {
    volatile char frame[1000];
    memset((char *)frame, depth, sizeof frame);
    int result = depth == 0 ? 0 : 1 + depth_of(depth - 1);
    for (unsigned i = 0; i < sizeof frame; i++) CHECK_IS(frame[i], (char)depth);
    return result;
}

int main(void) {
    CHECK_IS(depth_of(3000), 3000);
    return 0;
}
