// The program break. The kernel answers brk with the break as it is then, changed or not.
#include <errno.h>
#include <unistd.h>

#include "libc.h"

static char *current;

int brk(void *address) {
    current = (char *)sys_brk(address);
    if (current == address) return 0;
    errno = ENOMEM;
    return -1;
}

void *sbrk(intptr_t increment) {
    if (!current) current = (char *)sys_brk(NULL);
    char *old = current;
    if (increment != 0 && brk(old + increment) < 0) return (void *)-1;
    return old;
}
