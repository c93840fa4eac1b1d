// select leaves in its sets those descriptors that are ready, and counts them.
#include <sys/select.h>

#include "check.h"

int main(void) {
    int a[2], b[2];
    CHECK_OK(pipe(a));
    CHECK_OK(pipe(b));
    CHECK_IS(write(b[1], "x", 1), 1);
    fd_set in, out;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_SET(a[0], &in);
    FD_SET(b[0], &in);
    FD_SET(a[1], &out);
    CHECK_IS(select(b[1] + 1, &in, &out, NULL, NULL), 2);
    CHECK(!FD_ISSET(a[0], &in));
    CHECK(FD_ISSET(b[0], &in));
    CHECK(FD_ISSET(a[1], &out));
    struct timeval soon = {0, 20000};
    FD_ZERO(&in);
    FD_SET(a[0], &in);
    CHECK_IS(select(a[0] + 1, &in, NULL, NULL, &soon), 0);
    CHECK(!FD_ISSET(a[0], &in));
    return 0;
}
