// Between SIGSTOP and SIGCONT a process does nothing; SIGTERM waits until it goes on.
#include "check.h"

static volatile long *counter;

static void count(void) {
    for (;;) {
        (*counter)++;
        nap(1);
    }
}

int main(void) {
    counter = new_pages(1, MAP_SHARED);
    pid_t child = start_child(count);
    while (*counter == 0) nap(1);
    int status;
    CHECK_OK(kill(child, SIGSTOP));
    CHECK_IS(waitpid(child, &status, WUNTRACED), child);
    CHECK_OK(kill(child, SIGTERM));
    long before = *counter;
    nap(50);
    CHECK_IS(*counter, before);
    CHECK_IS(waitpid(child, &status, WNOHANG), 0);
    CHECK_OK(kill(child, SIGCONT));
    CHECK_IS(WTERMSIG(wait_for(child)), SIGTERM);
    return 0;
}
