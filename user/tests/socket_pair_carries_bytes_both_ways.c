// socketpair makes two connected sockets: what is written to one is read from the other, across fork,
// until an end is shut down or closed.
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "check.h"

static int pair[2];

static void echo_until_the_end(void) {
    char buffer[4096];
    CHECK_OK(close(pair[0]));
    for (ssize_t count; (count = read(pair[1], buffer, sizeof buffer)) != 0;) {
        CHECK(count > 0);
        for (ssize_t i = 0; i < count; i++) buffer[i] ^= 0x20;
        CHECK_IS(write(pair[1], buffer, (size_t)count), count);
    }
    CHECK_IS(write(pair[1], "bye", 3), 3);
}

static int ready(int fd) {
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
    CHECK(poll(&one, 1, 0) >= 0);
    return one.revents;
}

static void check_with_another_process(void) {
    char buffer[64];
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    pid_t child = start_child(echo_until_the_end);
    CHECK_OK(close(pair[1]));
    for (int i = 0; i < 100; i++) {
        CHECK_IS(send(pair[0], "Honk", 4, 0), 4);
        for (int got = 0; got < 4;) {
            ssize_t count = recv(pair[0], buffer + got, (size_t)(4 - got), 0);
            CHECK(count > 0);
            got += (int)count;
        }
        CHECK_IS(memcmp(buffer, "hONK", 4), 0);
    }
    CHECK_OK(shutdown(pair[0], SHUT_WR));  // the child sees the end, and can still answer
    CHECK_IS(read(pair[0], buffer, 3), 3);
    CHECK_IS(memcmp(buffer, "bye", 3), 0);
    CHECK_IS(wait_for(child), 0);
    CHECK_IS(read(pair[0], buffer, 3), 0);
    CHECK_OK(close(pair[0]));
}

static void check_ends(void) {
    char buffer[8];
    int waiting;
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
    CHECK_IS(fcntl(pair[0], F_GETFD), FD_CLOEXEC);
    CHECK_IS(fcntl(pair[1], F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_RDWR);
    struct stat stat;
    CHECK_OK(fstat(pair[0], &stat));
    CHECK_IS(stat.st_mode & S_IFMT, S_IFSOCK);
    CHECK_IS(ready(pair[0]), POLLOUT);
    CHECK_FAILS(read(pair[0], buffer, 8), EAGAIN);
    CHECK_FAILS(recv(pair[0], buffer, 8, MSG_DONTWAIT), EAGAIN);
    CHECK_FAILS(lseek(pair[0], 0, SEEK_SET), ESPIPE);
    CHECK_IS(write(pair[1], "three", 5), 5);
    CHECK_IS(ready(pair[0]), POLLIN | POLLOUT);
    CHECK_OK(ioctl(pair[0], FIONREAD, &waiting));
    CHECK_IS(waiting, 5);

    // What was written before the end is there; then comes the end, and nothing can be sent.
    CHECK_OK(close(pair[1]));
    CHECK_IS(ready(pair[0]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    CHECK_IS(read(pair[0], buffer, 8), 5);
    CHECK_IS(read(pair[0], buffer, 8), 0);
    CHECK_FAILS(send(pair[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    signal(SIGPIPE, SIG_IGN);
    CHECK_FAILS(write(pair[0], "x", 1), EPIPE);
    signal(SIGPIPE, SIG_DFL);
    CHECK_OK(close(pair[0]));
}

static void write_to_a_closed_one(void) {
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK_OK(close(pair[1]));
    (void)!write(pair[0], "x", 1);
}

int main(void) {
    check_with_another_process();
    check_ends();
    CHECK_IS(wait_for(start_child(write_to_a_closed_one)), SIGPIPE);
    return 0;
}
