// /proc/self/fd has an entry for each open descriptor, a link to what it is open on.
// not-on-qemu-user: the emulator has descriptors of its own.
#include "check.h"

int main(void) {
    enter_scratch();
    for (int fd = 3; fd < 60; fd++) close(fd);
    int file = new_file("file", "text");
    CHECK_IS(dup2(file, 42), 42);
    int found[64] = {0};
    DIR *folder = opendir("/proc/self/fd");
    CHECK(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] != '.') found[atoi(entry->d_name)]++;
    }
    for (int fd = 0; fd < 60; fd++) {
        CHECK_IS(found[fd], fd <= 3 || fd == 42 || fd == dirfd(folder));
    }
    char target[4200], expected[4200];
    long length = CHECK_OK(readlink("/proc/self/fd/42", target, sizeof target - 1));
    target[length] = 0;
    snprintf(expected, sizeof expected, "%s/file", scratch_folder);
    CHECK_TEXT(target, expected);
    return 0;
}
