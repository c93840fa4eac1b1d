// statfs gives block size, room, inodes and the longest name, the same by path and by descriptor.
#include <sys/statfs.h>

#include "check.h"

int main(void) {
    struct statfs by_path, by_descriptor;
    CHECK_OK(statfs(".", &by_path));
    CHECK(by_path.f_type != 0);
    CHECK(by_path.f_bsize >= 512);
    CHECK(by_path.f_bfree <= by_path.f_blocks);
    CHECK(by_path.f_bavail <= by_path.f_bfree);
    CHECK(by_path.f_ffree <= by_path.f_files);
    CHECK_IS(by_path.f_namelen, 255);
    int fd = (int)CHECK_OK(open(".", O_RDONLY));
    CHECK_OK(fstatfs(fd, &by_descriptor));
    CHECK_IS(by_descriptor.f_type, by_path.f_type);
    CHECK_IS(by_descriptor.f_blocks, by_path.f_blocks);
    CHECK_FAILS(statfs("/no/such/path", &by_path), ENOENT);
    return 0;
}
