// rename between two names of one file succeeds and leaves both names.
#include "check.h"

int main(void) {
    enter_scratch();
    struct stat status;
    make_file("one", "text");
    CHECK_OK(link("one", "two"));
    CHECK_OK(rename("one", "two"));
    CHECK_OK(rename("one", "one"));
    CHECK_OK(stat("one", &status));
    CHECK_IS(status.st_nlink, 2);
    CHECK_TEXT(text_of("two"), "text");
    return 0;
}
