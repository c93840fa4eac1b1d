// An instruction that does not exist, or that only the kernel may use, ends the program by SIGILL.
#include "check.h"

static void run_nothing(void) {
    asm volatile(".word 0");
}

static void read_sstatus(void) {
    unsigned long value;
    asm volatile("csrr %0, sstatus" : "=r"(value));
}

static void return_to_user(void) {
    asm volatile("sret");
}

static void flush(void) {
    asm volatile("sfence.vma");
}

static void change_page_table(void) {
    asm volatile("csrw satp, zero");
}

int main(void) {
    CHECK_KILLED(run_nothing, SIGILL);
    CHECK_KILLED(read_sstatus, SIGILL);
    CHECK_KILLED(return_to_user, SIGILL);
    CHECK_KILLED(flush, SIGILL);
    CHECK_KILLED(change_page_table, SIGILL);
    return 0;
}
