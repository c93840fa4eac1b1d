// wait4 with WNOHANG returns 0 while the child lives, and its number once it has ended.
#include "check.h"

static int go[2];

static void wait_for_byte(void) {
    char byte;
    CHECK_IS(read(go[0], &byte, 1), 1);
}

int main(void) {
    CHECK_OK(pipe(go));
    pid_t child = start_child(wait_for_byte);
    int status = 77;
    CHECK_IS(waitpid(child, &status, WNOHANG), 0);
    CHECK_IS(status, 77);
    CHECK_IS(write(go[1], "x", 1), 1);
    pid_t got;
    while ((got = waitpid(child, &status, WNOHANG)) == 0) nap(1);
    CHECK_IS(got, child);
    CHECK_IS(status, 0);
    return 0;
}
