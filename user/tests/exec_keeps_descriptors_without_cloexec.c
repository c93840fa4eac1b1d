// execve leaves descriptors open that are not marked close-on-exec, with their numbers.
#include "check.h"

int main(void) {
    int ends[2];
    CHECK_OK(pipe(ends));
    pid_t child = (pid_t)CHECK_OK(fork());
    if (child == 0) {
        CHECK_OK(dup2(ends[1], 7));
        execl("/bin/sh", "sh", "-c", "echo through 7 >&7", NULL);
        check_failed(__FILE__, __LINE__, "execl", strerror(errno));
    }
    CHECK_OK(close(ends[1]));
    char text[32] = "";
    CHECK_IS(read(ends[0], text, sizeof text - 1), 10);
    CHECK_TEXT(text, "through 7\n");
    CHECK_IS(wait_for(child), 0);
    return 0;
}
