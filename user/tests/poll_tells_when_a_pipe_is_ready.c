// poll tells when a pipe can be read, can be written, or has lost its other end; it waits until
// then or for its time.
#include <poll.h>

#include "check.h"

static int ends[2];

static void write_later(void) {
    nap(30);
    CHECK_IS(write(ends[1], "x", 1), 1);
}

static int events_of(int fd, short events, int timeout) {
    struct pollfd entry = {.fd = fd, .events = events};
    long count = CHECK_OK(poll(&entry, 1, timeout));
    CHECK_IS(count, entry.revents != 0);
    return entry.revents;
}

int main(void) {
    static char bytes[PAGE];
    CHECK_OK(pipe2(ends, O_NONBLOCK));
    CHECK_IS(events_of(ends[0], POLLIN, 0), 0);
    CHECK_IS(events_of(ends[1], POLLOUT, 0), POLLOUT);
    long before = monotonic_milliseconds();
    CHECK_IS(events_of(ends[0], POLLIN, 50), 0);
    CHECK(monotonic_milliseconds() - before >= 49);
    pid_t child = start_child(write_later);
    CHECK_IS(events_of(ends[0], POLLIN, -1), POLLIN);
    CHECK_IS(wait_for(child), 0);
    while (write(ends[1], bytes, sizeof bytes) > 0) continue;
    CHECK_IS(events_of(ends[1], POLLOUT, 0), 0);
    CHECK_OK(close(ends[1]));
    CHECK_IS(events_of(ends[0], POLLIN, 0), POLLIN | POLLHUP);
    while (read(ends[0], bytes, sizeof bytes) > 0) continue;
    CHECK_IS(events_of(ends[0], POLLIN, 0), POLLHUP);
    CHECK_IS(events_of(100, POLLIN, 0), POLLNVAL);
    CHECK_IS(events_of(-1, POLLIN, 0), 0);
    return 0;
}
