// Files, folders and links that are made and removed again leave nothing behind, also where they
// were removed while open, and calls on them that fail do not either.
// goose-only: looks at goose's counters.
#include "counters.h"

static void cycle(void) {
    CHECK_OK(mkdir("folder", 0755));
    int fd = new_file("folder/file", "some text");
    CHECK_OK(symlink("file", "folder/symbolic"));
    CHECK_OK(link("folder/file", "folder/hard"));
    CHECK_OK(rename("folder/hard", "folder/file"));
    CHECK_OK(rename("folder/hard", "moved"));
    CHECK_FAILS(rmdir("folder"), ENOTEMPTY);
    CHECK_FAILS(open("folder/missing", O_RDONLY), ENOENT);
    CHECK_FAILS(open("folder/file", O_WRONLY | O_CREAT | O_EXCL, 0644), EEXIST);
    DIR *folder = opendir("folder");
    CHECK(folder);
    while (readdir(folder)) continue;
    closedir(folder);
    CHECK_OK(unlink("folder/symbolic"));
    CHECK_OK(unlink("folder/file"));
    CHECK_OK(unlink("moved"));
    CHECK_OK(rmdir("folder"));
    CHECK_IS(pwrite(fd, "more", 4, 100000), 4);
    CHECK_OK(close(fd));
}

int main(void) {
    enter_scratch();
    check_leaks_nothing(cycle);
    return 0;
}
