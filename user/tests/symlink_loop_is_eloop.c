// Symbolic links that lead to each other end with ELOOP; a chain of 40 is followed, 41 is not.
#include "check.h"

int main(void) {
    enter_scratch();
    CHECK_OK(symlink("b", "a"));
    CHECK_OK(symlink("a", "b"));
    CHECK_OK(symlink("self/x", "self"));
    CHECK_FAILS(open("a", O_RDONLY), ELOOP);
    CHECK_FAILS(open("self", O_RDONLY), ELOOP);
    make_file("0", "end");
    for (int i = 1; i <= 41; i++) {
        char name[16], target[16];
        snprintf(name, sizeof name, "%d", i);
        snprintf(target, sizeof target, "%d", i - 1);
        CHECK_OK(symlink(target, name));
    }
    CHECK_TEXT(text_of("40"), "end");
    CHECK_FAILS(open("41", O_RDONLY), ELOOP);
    return 0;
}
