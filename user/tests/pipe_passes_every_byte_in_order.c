// A megabyte through a pipe, written and read in pieces of odd sizes, arrives whole and in order.
#include "check.h"

#define TOTAL (1l << 20)

static int ends[2];

static unsigned char byte_at(long at) {
    return (unsigned char)(at * 31 + at / 4096);
}

static void produce(void) {
    static unsigned char bytes[9000];
    CHECK_OK(close(ends[0]));
    long at = 0;
    for (long size = 1; at < TOTAL; size = size * 7 % 8999 + 1) {
        if (size > TOTAL - at) size = TOTAL - at;
        for (long i = 0; i < size; i++) bytes[i] = byte_at(at + i);
        CHECK_IS(write(ends[1], bytes, (size_t)size), size);
        at += size;
    }
}

int main(void) {
    static unsigned char bytes[5000];
    CHECK_OK(pipe(ends));
    pid_t child = start_child(produce);
    CHECK_OK(close(ends[1]));
    long at = 0;
    for (long size = 1;; size = size * 5 % 4999 + 1) {
        long count = CHECK_OK(read(ends[0], bytes, (size_t)size));
        if (count == 0) break;
        for (long i = 0; i < count; i++) CHECK_IS(bytes[i], byte_at(at + i));
        at += count;
    }
    CHECK_IS(at, TOTAL);
    CHECK_IS(wait_for(child), 0);
    return 0;
}
