// writev writes its buffers one after the other as one write, and readv fills them in order.
#include <sys/uio.h>

#include "check.h"

int main(void) {
    enter_scratch();
    int fd = new_file("file", "");
    char first[] = "goose", last[] = "disk!";
    struct iovec out[] = {{first, 5}, {NULL, 0}, {" on ", 4}, {last, 4}};
    CHECK_IS(writev(fd, out, 4), 13);
    CHECK_TEXT(text_of("file"), "goose on disk");
    CHECK_IS(lseek(fd, 0, SEEK_SET), 0);
    char a[4] = "", b[32] = "";
    struct iovec in[] = {{a, 3}, {b, sizeof b}};
    CHECK_IS(readv(fd, in, 2), 13);
    CHECK_TEXT(a, "goo");
    CHECK_TEXT(b, "se on disk");
    CHECK_IS(readv(fd, in, 2), 0);
    CHECK_FAILS(writev(fd, out, -1), EINVAL);
    CHECK_FAILS(writev(fd, out, 2000), EINVAL);
    return 0;
}
