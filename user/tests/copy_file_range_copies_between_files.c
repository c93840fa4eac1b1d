// copy_file_range moves bytes from file to file, each at its position or at an offset in memory, no more
// than there are; also within a file, where the ranges do not overlap.
#include "check.h"

int main(void) {
    enter_scratch();
    int in = new_file("in", "0123456789"), out = new_file("out", "..........");
    CHECK_IS(lseek(in, 2, SEEK_SET), 2);
    CHECK_IS(lseek(out, 1, SEEK_SET), 1);
    CHECK_IS(copy_file_range(in, NULL, out, NULL, 3, 0), 3);
    CHECK_TEXT(text_of("out"), ".234......");
    CHECK_IS(lseek(in, 0, SEEK_CUR), 5);
    CHECK_IS(lseek(out, 0, SEEK_CUR), 4);

    off_t from = 7, to = 9;
    CHECK_IS(copy_file_range(in, &from, out, &to, 100, 0), 3);
    CHECK_TEXT(text_of("out"), ".234.....789");
    CHECK_IS(from, 10);
    CHECK_IS(to, 12);
    CHECK_IS(copy_file_range(in, &from, out, &to, 100, 0), 0);
    CHECK_IS(lseek(in, 0, SEEK_CUR), 5);
    CHECK_IS(lseek(out, 0, SEEK_CUR), 4);

    from = 0, to = 5;
    CHECK_IS(copy_file_range(in, &from, in, &to, 5, 0), 5);
    CHECK_TEXT(text_of("in"), "0123401234");
    from = 0, to = 4;
    CHECK_FAILS(copy_file_range(in, &from, in, &to, 5, 0), EINVAL);
    return 0;
}
