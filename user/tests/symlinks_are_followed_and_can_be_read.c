// A symbolic link, short or long, relative or absolute, stands for its target, wherever it is in a
// path; readlink, lstat and unlink see the link itself.
#include "check.h"

int main(void) {
    enter_scratch();
    char target[200], text[256];
    CHECK_OK(mkdir("folder", 0755));
    make_file("folder/file", "text");
    CHECK_OK(symlink("folder/file", "short"));
    CHECK_OK(symlink("file", "folder/sibling"));
    CHECK(getcwd(text, sizeof text));
    snprintf(target, sizeof target, "%s/folder/../folder/../folder", text);
    CHECK_OK(symlink(target, "absolute"));
    CHECK_TEXT(text_of("short"), "text");
    CHECK_TEXT(text_of("folder/sibling"), "text");
    CHECK_TEXT(text_of("absolute/sibling"), "text");

    long length = CHECK_OK(readlink("absolute", text, sizeof text));
    CHECK_IS(length, strlen(target));
    CHECK(memcmp(text, target, (size_t)length) == 0);
    CHECK_IS(readlink("short", text, 6), 6);
    CHECK_FAILS(readlink("folder", text, sizeof text), EINVAL);
    struct stat status;
    CHECK_OK(lstat("short", &status));
    CHECK(S_ISLNK(status.st_mode));
    CHECK_IS(status.st_size, strlen("folder/file"));
    CHECK_OK(stat("absolute", &status));
    CHECK(S_ISDIR(status.st_mode));
    CHECK_OK(unlink("short"));
    CHECK_TEXT(text_of("folder/file"), "text");
    return 0;
}
