// doubles SEED COUNT: open, dup, dup3, close, write and lseek on few descriptors at random. Prints
// each result. In the end it keeps open what is open, for the host to count.
#include "lab.h"

#define LOWEST  3
#define NUMBERS 12

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    uint64_t count = lab_argument(argc, argv, 2);
    static const char* const names[] = {"/a", "/b", "/c"};
    char block[64];
    memset(block, 'x', sizeof block);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t what = lab_below(14);
        long fd = LOWEST + (long) lab_below(NUMBERS), other = LOWEST + (long) lab_below(NUMBERS);
        uint64_t value = lab_next();
        long result;
        if (lab_below(14) == 0) fd = value % 2 ? -1 : 1000000;
        if (lab_below(20) == 0) other = value % 2 ? -1 : 1024 + (long) (value % 5);
        if (lab_below(20) == 0) other = fd;
        if (what == 0) {
            result = lab_result(open(names[value % 3], O_RDWR | O_CREAT, 0600));
        } else if (what == 1) {
            result = lab_call(SYS_dup, fd, 0, 0, 0);
        } else if (what <= 6) {
            long flags = value % 4 == 0 ? O_CLOEXEC : value % 16 == 1 ? O_APPEND : 0;
            result = lab_call(SYS_dup3, fd, other, flags, 0);
        } else if (what <= 8) {
            result = lab_call(SYS_close, fd, 0, 0, 0);
        } else if (what <= 10) {
            result = lab_call(SYS_write, fd, (long) block, 1 + (long) (value % 60), 0);
        } else if (what == 11) {
            result = lab_call(SYS_fcntl, fd, F_GETFD, 0, 0);
        } else {
            result = lab_call(SYS_lseek, fd, 0, SEEK_CUR, 0);
        }
        say("%lu %ld\n", (unsigned long) i, result);
    }
    lab_hold();
}
