// A pipe cannot be read from its writing end nor written to its reading end, and has no offset.
#include "check.h"

int main(void) {
    int ends[2];
    char byte = 'x';
    struct stat status;
    CHECK_OK(pipe(ends));
    CHECK_FAILS(read(ends[1], &byte, 1), EBADF);
    CHECK_FAILS(write(ends[0], &byte, 1), EBADF);
    for (int i = 0; i < 2; i++) {
        CHECK_FAILS(lseek(ends[i], 0, SEEK_CUR), ESPIPE);
        CHECK_FAILS(pread(ends[0], &byte, 1, 0), ESPIPE);
        CHECK_OK(fstat(ends[i], &status));
        CHECK(S_ISFIFO(status.st_mode));
    }
    CHECK_FAILS(pwrite(ends[1], &byte, 1, 0), ESPIPE);
    return 0;
}
