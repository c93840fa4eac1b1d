// Relative paths start at the current folder, which each process has for itself; fchdir goes to an
// open folder, and ".." of the root is the root.
#include "check.h"

static void go_away(void) {
    CHECK_OK(chdir("/"));
}

int main(void) {
    enter_scratch();
    CHECK_OK(mkdir("folder", 0755));
    make_file("folder/file", "inside");
    make_file("file", "outside");
    int here = (int)CHECK_OK(open(".", O_RDONLY | O_DIRECTORY));
    CHECK_OK(chdir("folder"));
    CHECK_TEXT(text_of("file"), "inside");
    CHECK_TEXT(text_of("../file"), "outside");
    CHECK_PASSES(go_away);
    CHECK_TEXT(text_of("file"), "inside");
    CHECK_OK(fchdir(here));
    CHECK_TEXT(text_of("file"), "outside");
    CHECK_FAILS(chdir("file"), ENOTDIR);
    CHECK_FAILS(chdir("missing"), ENOENT);
    struct stat root, above;
    CHECK_OK(stat("/", &root));
    CHECK_OK(stat("/../..", &above));
    CHECK_IS(above.st_ino, root.st_ino);
    return 0;
}
