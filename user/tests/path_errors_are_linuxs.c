// A path to nothing is ENOENT, one through a file ENOTDIR, an empty one ENOENT; one with a name of
// over 255 bytes, or of 4096 bytes in all, ENAMETOOLONG. Slashes in between do not count.
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("file", "");
    CHECK_FAILS(open("missing", O_RDONLY), ENOENT);
    CHECK_FAILS(open("missing/file", O_RDONLY | O_CREAT, 0644), ENOENT);
    CHECK_FAILS(open("file/x", O_RDONLY), ENOTDIR);
    CHECK_FAILS(open("file/", O_RDONLY), ENOTDIR);
    CHECK_FAILS(open("", O_RDONLY), ENOENT);
    CHECK_OK(open(".///.//file", O_RDONLY));

    static char path[5000];
    memset(path, 'n', 255);
    CHECK_OK(close((int)CHECK_OK(open(path, O_WRONLY | O_CREAT, 0644))));
    CHECK_OK(unlink(path));
    path[255] = 'n';
    CHECK_FAILS(open(path, O_WRONLY | O_CREAT, 0644), ENAMETOOLONG);
    memset(path, '/', 4096);
    CHECK_FAILS(open(path, O_RDONLY), ENAMETOOLONG);
    path[4095] = 0;
    CHECK_OK(open(path, O_RDONLY));
    return 0;
}
