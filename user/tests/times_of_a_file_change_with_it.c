// Writing sets a file's time of modification to now, names made in a folder set the folder's, and
// utimensat sets any.
#include "check.h"

static struct stat status_of_file(const char *path) {
    struct stat status;
    CHECK_OK(stat(path, &status));
    return status;
}

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("folder", 0755));
    make_file("folder/file", "text");
    struct timespec old[2] = {{1000000, 0}, {2000000, 0}}, now;
    CHECK_OK(utimensat(AT_FDCWD, "folder/file", old, 0));
    CHECK_OK(utimensat(AT_FDCWD, "folder", old, 0));
    CHECK_IS(status_of_file("folder/file").st_atime, 1000000);
    CHECK_IS(status_of_file("folder/file").st_mtime, 2000000);

    int fd = (int)CHECK_OK(open("folder/file", O_WRONLY));
    CHECK_IS(status_of_file("folder/file").st_mtime, 2000000);
    CHECK_OK(clock_gettime(CLOCK_REALTIME, &now));
    CHECK_IS(write(fd, "x", 1), 1);
    CHECK(labs(status_of_file("folder/file").st_mtime - now.tv_sec) <= 2);
    CHECK_IS(status_of_file("folder").st_mtime, 2000000);
    make_file("folder/second", "");
    CHECK(labs(status_of_file("folder").st_mtime - now.tv_sec) <= 2);

    struct timespec only_modified[2] = {{0, UTIME_OMIT}, {3000000, 0}};
    CHECK_OK(utimensat(AT_FDCWD, "folder/file", only_modified, 0));
    CHECK_IS(status_of_file("folder/file").st_mtime, 3000000);
    CHECK_IS(status_of_file("folder/file").st_atime, 1000000);
    CHECK_FAILS(utimensat(AT_FDCWD, NULL, old, 0), EFAULT);
    CHECK_OK(futimens(fd, old));
    CHECK_IS(status_of_file("folder/file").st_mtime, 2000000);
    return 0;
}
