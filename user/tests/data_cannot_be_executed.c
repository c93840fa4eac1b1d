// Data, heap and stack hold no instructions: jumping there ends the program by SIGSEGV. Memory
// mapped with PROT_EXEC does.
#include "check.h"

static unsigned code[] = {0x02a00513, 0x00008067};  // li a0, 42; ret
static void *place;

static void run_it(void) {
    memcpy(place, code, sizeof code);
    asm volatile("fence.i" ::: "memory");
    CHECK_IS(((int (*)(void))place)(), 42);
}

int main(void) {
    unsigned on_stack[2];
    place = code;
    CHECK_KILLED(run_it, SIGSEGV);
    place = on_stack;
    CHECK_KILLED(run_it, SIGSEGV);
    place = new_pages(1, MAP_PRIVATE);
    CHECK_KILLED(run_it, SIGSEGV);
    CHECK_OK(mprotect(place, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
    CHECK_PASSES(run_it);
    return 0;
}
