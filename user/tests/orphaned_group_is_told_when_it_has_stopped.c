// When the parent of a stopped process ends, and nobody else of the session outside of its group could
// continue it, it gets SIGHUP and SIGCONT.
#include "check.h"

static volatile int hung_up, continued;
static int *told;

static void handler(int signal) {
    if (signal == SIGHUP) hung_up++;
    else continued++;
}

static void orphan(void) {
    on_signal(SIGHUP, handler);
    on_signal(SIGCONT, handler);
    CHECK_OK(setpgid(0, 0));
    pid_t parent = getppid();
    CHECK_OK(raise(SIGSTOP));
    while (hung_up == 0 || continued == 0) nap(1);
    CHECK(getppid() != parent);
    told[0] = hung_up, told[1] = continued;
}

// Ends while its child, which leads a group of its own, is stopped.
static void parent(void) {
    int status;
    pid_t child = start_child(orphan);
    CHECK_IS(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
}

static void session(void) {
    CHECK_OK(setsid());
    CHECK_PASSES(parent);
    while (told[1] == 0) nap(1);
    CHECK_IS(told[0], 1);
    CHECK_IS(told[1], 1);
}

int main(void) {
    told = new_pages(1, MAP_SHARED);
    CHECK_PASSES(session);
    return 0;
}
