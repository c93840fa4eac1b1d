// The bits of umask are taken from the mode of new files and folders, but not from chmod's.
#include "check.h"

static long mode_of(const char *path) {
    struct stat status;
    CHECK_OK(stat(path, &status));
    return status.st_mode & 07777;
}

int main(void) {
    enter_scratch();
    umask(027);
    CHECK_IS(umask(027), 027);
    CHECK_OK(open("file", O_WRONLY | O_CREAT, 0666));
    CHECK_OK(mkdir("folder", 0777));
    CHECK_IS(mode_of("file"), 0640);
    CHECK_IS(mode_of("folder"), 0750);
    CHECK_OK(chmod("file", 0777));
    CHECK_IS(mode_of("file"), 0777);
    int fd = (int)CHECK_OK(open("file", O_RDONLY));
    CHECK_OK(fchmod(fd, 0604));
    CHECK_IS(mode_of("file"), 0604);
    return 0;
}
