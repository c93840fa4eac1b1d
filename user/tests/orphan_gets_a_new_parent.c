// A process whose parent ends gets another parent that lives (init, or on Linux a subreaper).
#include "check.h"

static int news[2];

static void be_orphaned(void) {
    pid_t middle = getpid();
    pid_t child = (pid_t)CHECK_OK(fork());
    if (child > 0) return;
    for (int i = 0; getppid() == middle; i++) {
        CHECK(i < 5000);
        nap(1);
    }
    pid_t adopter = getppid();
    CHECK(adopter > 0);
    CHECK(kill(adopter, 0) == 0 || errno == EPERM);
    CHECK_IS(write(news[1], "k", 1), 1);
}

int main(void) {
    CHECK_OK(pipe(news));
    CHECK_PASSES(be_orphaned);
    CHECK_OK(close(news[1]));
    char byte = 0;
    CHECK_IS(read(news[0], &byte, 1), 1);
    CHECK_IS(byte, 'k');
    return 0;
}
