// FUTEX_WAIT on shared memory sleeps while the word has the expected value, until another process
// wakes it; FUTEX_WAKE tells how many it woke.
#include <abi/futex.h>

#include "check.h"

static int *word;

static long futex(int operation, int value, const struct timespec *timeout) {
    return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

static void wait_for_change(void) {
    while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == 0) {
        CHECK(futex(FUTEX_WAIT, 0, NULL) == 0 || errno == EAGAIN);
    }
    __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
}

int main(void) {
    pid_t children[3];
    word = new_pages(1, MAP_SHARED);
    for (int i = 0; i < 3; i++) children[i] = start_child(wait_for_change);
    nap(50);
    for (int i = 0; i < 3; i++) CHECK_IS(waitpid(children[i], NULL, WNOHANG), 0);
    __atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
    long woken = CHECK_OK(futex(FUTEX_WAKE, 100, NULL));
    CHECK(woken <= 3);
    for (int i = 0; i < 3; i++) CHECK_IS(wait_for(children[i]), 0);
    CHECK_IS(*word, 4);
    CHECK_IS(futex(FUTEX_WAKE, 100, NULL), 0);
    return 0;
}
