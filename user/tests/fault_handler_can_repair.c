// A handler of SIGSEGV learns address and reason; where it makes the page accessible, the access is
// made again and succeeds.
#include "check.h"

static char *memory;
static volatile int count, code;
static void *volatile address;

static void repair(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    count++;
    code = info->si_code;
    address = info->si_addr;
    char *page = (char *)((unsigned long)info->si_addr & ~(PAGE - 1ul));
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (code == SEGV_ACCERR) CHECK_OK(mprotect(page, PAGE, PROT_READ | PROT_WRITE));
    else CHECK_IS(mmap(page, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0), page);
}

int main(void) {
    set_action(SIGSEGV, (struct sigaction){.sa_sigaction = repair, .sa_flags = SA_SIGINFO});
    memory = new_pages(3, MAP_PRIVATE);
    CHECK_OK(mprotect(memory, PAGE, PROT_READ));
    CHECK_OK(munmap(memory + PAGE, PAGE));

    *(volatile char *)(memory + 100) = 'x';
    CHECK_IS(count, 1);
    CHECK_IS(code, SEGV_ACCERR);
    CHECK_IS(address, memory + 100);
    CHECK_IS(memory[100], 'x');

    CHECK_IS(*(volatile char *)(memory + PAGE + 5), 0);
    CHECK_IS(count, 2);
    CHECK_IS(code, SEGV_MAPERR);
    CHECK_IS(address, memory + PAGE + 5);
    return 0;
}
