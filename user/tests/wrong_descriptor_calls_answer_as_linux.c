// Calls on descriptors with wrong arguments: which error, and which of several comes first.
// not-on-qemu-user: it looks at pointers itself, before anything else
#include <sys/socket.h>
#include <sys/uio.h>

#include "questions.h"

static int ends[2], file, read_only, folder, null, path_only;
static char buffer[64];
static long zero;

static void transfers(void) {
    struct iovec bad = {(void *)BAD, 4}, negative = {buffer, ~0ul}, none = {(void *)LOW, 0};
    ASK(-EBADF, read, ends[1], P(buffer), 4);
    ASK(-EBADF, read, 999, BAD, 4);
    ASK(-EISDIR, read, folder, P(buffer), 4);
    ASK(0, read, null, LOW, 4);
    ASK(-EBADF, read, path_only, P(buffer), 4);
    ASK(-EFAULT, read, file, BAD, 4);
    ASK(0, read, file, LOW, 0);
    ASK(-EBADF, write, read_only, P(buffer), 4);
    ASK(-EBADF, write, ends[0], BAD, 4);
    ASK(-EBADF, write, folder, P(buffer), 4);
    ASK(-EFAULT, write, file, BAD, 4);
    ASK(0, write, file, LOW, 0);
    ASK(4, write, null, LOW, 4);
    ASK(-EBADF, readv, 999, BAD, 1);
    ASK(-EFAULT, readv, file, BAD, 1);
    ASK(-EFAULT, readv, file, P(&bad), 1);
    ASK(-EINVAL, readv, file, P(&bad), -1);
    ASK(-EINVAL, readv, file, P(&bad), 1025);
    ASK(0, readv, file, BAD, 0);
    ASK(-EINVAL, readv, file, P(&negative), 1);
    ASK(-EBADF, writev, read_only, BAD, 1);
    ASK(-EFAULT, writev, file, P(&bad), 1);
    ASK(0, writev, file, P(&none), 1);
    ASK(-EINVAL, writev, file, P(&bad), 1025);
    ASK(-EINVAL, writev, file, P(&negative), 1);
    ASK(-EINVAL, pread64, 999, P(buffer), 4, -1);
    ASK(-EINVAL, pread64, file, BAD, 4, -1);
    ASK(-ESPIPE, pread64, ends[0], P(buffer), 4, 0);
    ASK(-EBADF, pread64, folder + 500, P(buffer), 4, 0);
    ASK(-EISDIR, pread64, folder, P(buffer), 4, 0);
    ASK(-EFAULT, pread64, file, BAD, 4, 0);
    ASK(-EINVAL, pwrite64, read_only, P(buffer), 4, -1);
    ASK(-EBADF, pwrite64, read_only, P(buffer), 4, 0);
    ASK(-ESPIPE, pwrite64, ends[1], P(buffer), 4, 0);
    ASK(-EFAULT, pwrite64, file, BAD, 4, 0);
}

static void duplicates(void) {
    ASK(-EBADF, dup, -1);
    ASK(-EBADF, dup3, 999, 3, 0);
    ASK(-EBADF, dup3, file, -1, 0);
    ASK(-EBADF, dup3, file, 1 << 20, 0);
    ASK(-EINVAL, dup3, file, file, 0);
    ASK(-EINVAL, dup3, 999, 999, 0);
    ASK(-EINVAL, dup3, file, 50, 1);
    ASK(-EINVAL, dup3, 999, -1, O_NONBLOCK);
    ASK(-EBADF, fcntl, 999, 9999, 0);
    ASK(-EINVAL, fcntl, file, 9999, 0);
    ASK(-EBADF, fcntl, -1, F_GETFD, 0);
    ASK(-EINVAL, fcntl, file, F_DUPFD, -1);
    ASK(-EINVAL, fcntl, file, F_DUPFD, 1 << 20);
    ASK(-EFAULT, fcntl, file, F_GETLK, BAD);
    ASK(-EFAULT, fcntl, file, F_SETLK, LOW);
    ASK(-EBADF, fcntl, path_only, F_SETFL, 0);
    ASK(-EBADF, fcntl, path_only, F_GETLK, BAD);
    ASK(-EBADF, ioctl, 999, 0x5401, BAD);
    ASK(-EBADF, ioctl, path_only, 0x5401, BAD);
    ASK(-ENOTTY, ioctl, file, 0x5401, BAD);
    ASK(-ENOTTY, ioctl, folder, 0x12345678, BAD);
    ASK(-ENOTTY, ioctl, ends[0], 0x5401, BAD);
    ASK(-EFAULT, ioctl, ends[0], 0x541b, BAD);  // FIONREAD
    ASK(-EBADF, close, -1);
    ASK(-EBADF, close, 1 << 30);
    ASK(-EINVAL, close_range, 50, 49, 0);
    ASK(-EINVAL, close_range, 50, 60, 128);
    ASK(-EINVAL, close_range, 60, 50, 128);
    ASK(0, close_range, 500, 600, 0);
    ASK(-EINVAL, pipe2, BAD, 1);
    ASK(-EFAULT, pipe2, BAD, O_CLOEXEC);
    ASK(-EINVAL, pipe2, P(buffer), O_APPEND);
}

static void positions(void) {
    ASK(-EBADF, lseek, 999, 0, 99);
    ASK(-EINVAL, lseek, file, 0, 99);
    ASK(-EINVAL, lseek, file, -1, SEEK_SET);
    ASK(-ESPIPE, lseek, ends[0], 0, SEEK_SET);
    ASK(-EINVAL, lseek, ends[0], 0, 99);
    ASK(-EBADF, lseek, path_only, 0, SEEK_SET);
    ASK(-ENXIO, lseek, file, 1000, SEEK_DATA);
    ASK(-ENXIO, lseek, file, -1, SEEK_HOLE);
    ASK(-EINVAL, ftruncate, 999, -1);
    ASK(-EBADF, ftruncate, 999, 0);
    ASK(-EINVAL, ftruncate, read_only, 0);
    ASK(-EINVAL, ftruncate, ends[1], 0);
    ASK(-EINVAL, ftruncate, folder, 0);
    ASK(-EINVAL, ftruncate, file, -1);
    ASK(-EBADF, ftruncate, path_only, 0);
    ASK(-EBADF, fsync, 999);
    ASK(-EINVAL, fsync, ends[0]);
    ASK(-EINVAL, fdatasync, null);
    ASK(-EBADF, fdatasync, path_only);
    ASK(0, fsync, folder);
    ASK(-EBADF, fadvise64, 999, 0, 0, 99);
    ASK(-EINVAL, fadvise64, file, 0, 0, 99);
    ASK(-EINVAL, fadvise64, file, 0, -1, 0);
    ASK(-ESPIPE, fadvise64, ends[0], 0, 0, 0);
    ASK(-EBADF, getdents64, 999, BAD, 64);
    ASK(-ENOTDIR, getdents64, file, BAD, 64);
    ASK(-EINVAL, getdents64, folder, P(buffer), 8);
    ASK(-EFAULT, getdents64, folder, BAD, 4096);
    ASK(-EBADF, fstat, 999, BAD);
    ASK(-EFAULT, fstat, file, BAD);
    ASK(-EBADF, fstatfs, 999, BAD);
    ASK(-EFAULT, fstatfs, file, BAD);
    ASK(-EBADF, fchdir, 999);
    ASK(-ENOTDIR, fchdir, file);
    ASK(-EBADF, fchmod, 999, 0);
    ASK(-EBADF, fchmod, path_only, 0);
    ASK(-EBADF, fchown, 999, -1, -1);
    ASK(-EBADF, fchown, path_only, -1, -1);
    ASK(0, fchown, file, -1, -1);
}

static void copies(void) {
    long negative = -1, far = (1ul << 63) - 2, start = 0;
    CHECK_OK(lseek(folder, 0, SEEK_SET));
    int appending = (int)CHECK_OK(open("file", O_WRONLY | O_APPEND));
    ASK(-EFAULT, sendfile, 999, file, BAD, 4);
    ASK(-EFAULT, sendfile, file, 999, BAD, 4);
    ASK(-EBADF, sendfile, file, 999, 0, 4);
    ASK(-EBADF, sendfile, read_only, file, 0, 4);
    ASK(-EBADF, sendfile, file, ends[1], 0, 4);
    ASK(-EINVAL, sendfile, ends[1], file, P(&negative), 4);
    ASK(-ESPIPE, sendfile, file, ends[0], P(&zero), 4);
    ASK(-ESPIPE, sendfile, 999, ends[0], P(&zero), 4);
    ASK(-EINVAL, sendfile, file, ends[0], 0, 4);
    ASK(-EINVAL, sendfile, file, ends[0], 0, 0);
    ASK(-EINVAL, sendfile, file, read_only, 0, -1);
    ASK(-EINVAL, sendfile, 999, read_only, P(&far), 4);
    ASK(-EBADF, sendfile, 999, read_only, 0, 4);
    ASK(-EBADF, sendfile, path_only, read_only, 0, 4);
    ASK(-EINVAL, sendfile, file, folder, 0, 4);
    ASK(0, sendfile, file, folder, 0, 0);
    ASK(-EINVAL, sendfile, appending, read_only, 0, 4);
    ASK(-EINVAL, sendfile, appending, read_only, 0, 0);
    ASK(4, sendfile, null, read_only, P(&zero), 100);
    ASK(-EBADF, copy_file_range, 999, BAD, file, 0, 4, 1);
    ASK(-EBADF, copy_file_range, file, BAD, path_only, 0, 4, 1);
    ASK(-EFAULT, copy_file_range, file, BAD, file, 0, 4, 1);
    ASK(-EFAULT, copy_file_range, folder, 0, file, BAD, 4, 1);
    ASK(-EINVAL, copy_file_range, folder, 0, file, 0, 4, 1);
    ASK(-EISDIR, copy_file_range, ends[0], 0, folder, 0, 4, 0);
    ASK(-EINVAL, copy_file_range, ends[0], 0, file, 0, 4, 0);
    ASK(-EINVAL, copy_file_range, file, 0, null, 0, 4, 0);
    ASK(-EBADF, copy_file_range, file, 0, read_only, 0, 4, 0);
    ASK(-EBADF, copy_file_range, read_only, 0, appending, 0, 4, 0);
    ASK(-EOVERFLOW, copy_file_range, read_only, P(&negative), file, 0, 4, 0);
    ASK(-EINVAL, copy_file_range, read_only, P(&negative), file, 0, 0, 0);
    ASK(0, copy_file_range, read_only, 0, file, P(&far), 0, 0);
    ASK(-EINVAL, copy_file_range, read_only, P(&start), file, P(&start), 4, 0);
    ASK(0, copy_file_range, read_only, P(&start), file, P(&start), 0, 0);
    ASK(-EINVAL, flock, 999, 0);
    ASK(-EINVAL, flock, 999, 3);
    ASK(0, flock, 999, 32 | 3);
    ASK(-EBADF, flock, 999, 1 | 4);
    ASK(-EBADF, flock, path_only, 8);
    ASK(0, flock, folder, 1 | 4);
}

static void sockets(void) {
    int pair[2];
    ASK(-EINVAL, socketpair, AF_UNIX, SOCK_STREAM | 0x10, 0, BAD);
    ASK(-EFAULT, socketpair, 1000, 12, 0, BAD);
    ASK(-EAFNOSUPPORT, socketpair, 1000, 12, 0, P(pair));
    ASK(-EAFNOSUPPORT, socketpair, -1, SOCK_STREAM, 0, P(pair));
    ASK(-EINVAL, socketpair, AF_UNIX, 12, 77, P(pair));
    ASK(-EPROTONOSUPPORT, socketpair, AF_UNIX, 9, 77, P(pair));
    ASK(-ESOCKTNOSUPPORT, socketpair, AF_UNIX, 9, 0, P(pair));
    CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM, AF_UNIX, pair));
    ASK(-EBADF, sendto, 999, LOW, 4, 0, BAD, 4);
    ASK(-ENOTSOCK, sendto, file, LOW, 4, 0, BAD, 4);
    ASK(-EBADF, sendto, path_only, LOW, 4, 0, 0, 0);
    ASK(-EINVAL, sendto, pair[0], P(buffer), 4, 0, BAD, 129);
    ASK(-EFAULT, sendto, pair[0], P(buffer), 4, 0, BAD, 4);
    ASK(-EISCONN, sendto, pair[0], LOW, 4, 0, P(buffer), 4);
    ASK(-EFAULT, sendto, pair[0], LOW, 4, 0, 0, 4);
    ASK(0, sendto, pair[0], LOW, 0, 0, 0, 0);
    ASK(-EAGAIN, recvfrom, pair[1], P(buffer), 4, MSG_DONTWAIT, BAD, BAD);
    ASK(2, sendto, pair[0], P(buffer), 2, 0, BAD, 0);
    ASK(-EFAULT, recvfrom, pair[1], LOW, 4, 0, 0, 0);
    ASK(2, recvfrom, pair[1], P(buffer), 4, 0, 0, BAD);
    ASK(-ENOTSOCK, recvfrom, null, LOW, 4, 0, 0, 0);
    ASK(-EBADF, shutdown, path_only, 3);
    ASK(-ENOTSOCK, shutdown, ends[0], 3);
    ASK(-EINVAL, shutdown, pair[0], 3);
    ASK(-EINVAL, shutdown, pair[0], -1);
    ASK(0, shutdown, pair[0], SHUT_RD);
    ASK(0, recvfrom, pair[0], P(buffer), 4, 0, 0, 0);
    ASK(-EPIPE, sendto, pair[1], P(buffer), 4, MSG_NOSIGNAL, 0, 0);
}

int main(void) {
    enter_scratch();
    CHECK_OK(pipe(ends));
    file = new_file("file", "text");
    read_only = (int)CHECK_OK(open("file", O_RDONLY));
    folder = (int)CHECK_OK(open(".", O_RDONLY | O_DIRECTORY));
    null = (int)CHECK_OK(open("/dev/null", O_RDWR));
    path_only = (int)CHECK_OK(open("file", O_PATH));
    transfers();
    duplicates();
    positions();
    copies();
    sockets();
    return all_answered();
}
