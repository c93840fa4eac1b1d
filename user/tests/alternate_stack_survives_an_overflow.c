// A handler with SA_ONSTACK runs on the alternate stack, even when the usual one has overflowed.
#include "check.h"

#define SIZE (16 * PAGE)
#pragma GCC diagnostic ignored "-Winfinite-recursion"

static char *stack;

static void handler(int signal) {
    char here;
    CHECK_IS(signal, SIGSEGV);
    CHECK(&here > stack && &here < stack + SIZE);
    stack_t now;
    CHECK_OK(sigaltstack(NULL, &now));
    CHECK(now.ss_flags & SS_ONSTACK);
    _exit(5);
}

static __attribute__((noinline)) int recurse(volatile char *above) {
    volatile char frame[4000];
    frame[0] = above[0];
    return recurse(frame) + frame[0];
}

static void overflow(void) {
    stack = new_pages(16, MAP_PRIVATE);
    stack_t alternate = {.ss_sp = stack, .ss_size = SIZE};
    CHECK_OK(sigaltstack(&alternate, NULL));
    set_action(SIGSEGV, (struct sigaction){.sa_handler = handler, .sa_flags = SA_ONSTACK});
    char start = 'x';
    recurse(&start);
}

int main(void) {
    CHECK_IS(WEXITSTATUS(status_of(overflow)), 5);
    return 0;
}
