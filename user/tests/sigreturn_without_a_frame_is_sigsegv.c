// rt_sigreturn with a stack that holds no frame, because it is not mapped, ends the program.
#include "check.h"

static unsigned long stack;

static void return_from_nothing(void) {
    asm volatile("mv sp, %0; li a7, 139; ecall; unimp" : : "r"(stack));
}

int main(void) {
    stack = 0;
    CHECK_KILLED(return_from_nothing, SIGSEGV);
    stack = (unsigned long)KERNEL_ADDRESS;
    CHECK_KILLED(return_from_nothing, SIGSEGV);
    char *memory = new_pages(2, MAP_PRIVATE);
    CHECK_OK(munmap(memory + PAGE, PAGE));
    stack = (unsigned long)memory + PAGE - 64;
    CHECK_KILLED(return_from_nothing, SIGSEGV);
    return 0;
}
