// With O_APPEND each write goes to the end of the file, wherever the offset is and whoever wrote
// last.
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("file", "one ");
    int a = (int)CHECK_OK(open("file", O_WRONLY | O_APPEND));
    int b = (int)CHECK_OK(open("file", O_RDWR | O_APPEND));
    CHECK_IS(write(a, "two ", 4), 4);
    CHECK_IS(write(b, "three ", 6), 6);
    CHECK_IS(lseek(a, 0, SEEK_SET), 0);
    CHECK_IS(write(a, "four", 4), 4);
    CHECK_IS(lseek(a, 0, SEEK_CUR), 18);
    CHECK_TEXT(text_of("file"), "one two three four");
    return 0;
}
