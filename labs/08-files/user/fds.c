// fds NAME: says on standard error which descriptors this process has, and what is behind the first
// three (p: a pipe, c: a character device, f: a file). Then passes its input on if that is a pipe.
#include <sys/stat.h>

#include "lab.h"

static char kind(int fd) {
    struct stat status;
    if (fstat(fd, &status) < 0) return '-';
    return S_ISFIFO(status.st_mode) ? 'p' : S_ISCHR(status.st_mode) ? 'c' : 'f';
}

int main(int argc, char** argv) {
    char line[200];
    int size = snprintf(line, sizeof line, "fds %s %c%c%c open", argc > 1 ? argv[1] : "?", kind(0),
                        kind(1), kind(2));
    for (int fd = 0; fd < 64; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) size += snprintf(line + size, 8, " %d", fd);
    }
    size += snprintf(line + size, 8, " .\n");
    if (write(2, line, (size_t) size) != size) return 1;
    return 0;
}
