// A program that removes each name that it reads from a folder gets all of them, as rm -r does.
#include "check.h"

#define FILES 150

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("folder", 0755));
    CHECK_OK(chdir("folder"));
    for (int i = 0; i < FILES; i++) {
        char name[64];
        snprintf(name, sizeof name, "file-%d-of-many", i);
        make_file(name, "");
    }
    int removed = 0, fd = (int)CHECK_OK(open(".", O_RDONLY | O_DIRECTORY));
    char entries[512];
    for (long count; (count = CHECK_OK(getdents64(fd, entries, sizeof entries))) > 0;) {
        for (long at = 0; at < count;) {
            struct linux_dirent64 *entry = (struct linux_dirent64 *)(entries + at);
            if (entry->d_name[0] != '.') {
                CHECK_OK(unlink(entry->d_name));
                removed++;
            }
            at += entry->d_reclen;
        }
    }
    CHECK_IS(removed, FILES);
    CHECK_OK(chdir(".."));
    CHECK_OK(rmdir("folder"));
    return 0;
}
