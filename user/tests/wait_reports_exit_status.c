// wait4 gives the low eight bits of what the child gave to exit, and the child's number.
#include "check.h"

int main(void) {
    int codes[] = {0, 1, 42, 255, 256 + 7, -1};
    for (unsigned i = 0; i < COUNT_OF(codes); i++) {
        pid_t child = (pid_t)CHECK_OK(fork());
        if (child == 0) _exit(codes[i]);
        int status = wait_for(child);
        CHECK(WIFEXITED(status));
        CHECK_IS(WEXITSTATUS(status), codes[i] & 0xff);
    }
    return 0;
}
