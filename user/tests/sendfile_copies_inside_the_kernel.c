// sendfile moves bytes of a file to another file or a pipe: from its position, which goes on, or from
// an offset in memory, which goes on in its place; no more than the file has.
#include <sys/sendfile.h>

#include "check.h"

#define SIZE (50 * PAGE + 123)

static char *pattern(void) {
    char *bytes = new_pages(SIZE / PAGE + 1, MAP_PRIVATE);
    for (long i = 0; i < SIZE; i++) bytes[i] = (char)(i * 7 + i / PAGE);
    return bytes;
}

int main(void) {
    enter_scratch();
    char *bytes = pattern(), *seen = new_pages(SIZE / PAGE + 1, MAP_PRIVATE);
    int in = new_file("in", ""), out = new_file("out", "before "), ends[2];
    CHECK_IS(write(in, bytes, SIZE), SIZE);
    CHECK_IS(lseek(in, 0, SEEK_SET), 0);
    CHECK_IS(lseek(out, 0, SEEK_END), 7);

    // From position to position.
    CHECK_IS(sendfile(out, in, NULL, 1000), 1000);
    CHECK_IS(lseek(in, 0, SEEK_CUR), 1000);
    CHECK_IS(lseek(out, 0, SEEK_CUR), 1007);
    CHECK_IS(sendfile(out, in, NULL, 2 * SIZE), SIZE - 1000);
    CHECK_IS(sendfile(out, in, NULL, 10), 0);
    CHECK_IS(pread(out, seen, SIZE, 7), SIZE);
    CHECK(memcmp(seen, bytes, SIZE) == 0);

    // From an offset.
    off_t offset = 5000;
    CHECK_OK(ftruncate(out, 0));
    CHECK_IS(lseek(out, 0, SEEK_SET), 0);
    CHECK_IS(sendfile(out, in, &offset, 3 * PAGE), 3 * PAGE);
    CHECK_IS(offset, 5000 + 3 * PAGE);
    CHECK_IS(lseek(in, 0, SEEK_CUR), SIZE);
    CHECK_IS(pread(out, seen, SIZE, 0), 3 * PAGE);
    CHECK(memcmp(seen, bytes + 5000, 3 * PAGE) == 0);
    offset = SIZE + 100;
    CHECK_IS(sendfile(out, in, &offset, 10), 0);
    CHECK_IS(offset, SIZE + 100);

    // To a pipe: as much as there is room for.
    CHECK_OK(pipe(ends));
    offset = 1;
    CHECK_IS(sendfile(ends[1], in, &offset, 5000), 5000);
    CHECK_IS(read(ends[0], seen, SIZE), 5000);
    CHECK(memcmp(seen, bytes + 1, 5000) == 0);
    CHECK_OK(lseek(in, 0, SEEK_SET));
    long sent = CHECK_OK(sendfile(ends[1], in, NULL, SIZE));
    CHECK(sent > 0 && sent < SIZE);
    CHECK_IS(lseek(in, 0, SEEK_CUR), sent);
    for (long at = 0; at < sent;) at += CHECK_OK(read(ends[0], seen + at, (size_t)(sent - at)));
    CHECK(memcmp(seen, bytes, (size_t)sent) == 0);
    CHECK_OK(close(ends[0]));
    on_signal(SIGPIPE, SIG_IGN);
    CHECK_FAILS(sendfile(ends[1], in, NULL, 10), EPIPE);
    return 0;
}
