// O_DIRECTORY refuses what is no folder (ENOTDIR), O_NOFOLLOW a symbolic link as the last part of
// the path (ELOOP), and a folder cannot be opened for writing (EISDIR).
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("file", "");
    CHECK_OK(mkdir("folder", 0755));
    make_file("folder/inside", "");
    CHECK_OK(symlink("file", "link"));
    CHECK_OK(symlink("folder", "folder-link"));
    CHECK_FAILS(open("file", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_OK(open("folder", O_RDONLY | O_DIRECTORY));
    CHECK_OK(open("folder-link", O_RDONLY | O_DIRECTORY));
    CHECK_FAILS(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
    CHECK_OK(open("folder-link/inside", O_RDONLY | O_NOFOLLOW));
    CHECK_FAILS(open("folder", O_RDWR), EISDIR);
    CHECK_FAILS(open("folder", O_WRONLY), EISDIR);
    return 0;
}
