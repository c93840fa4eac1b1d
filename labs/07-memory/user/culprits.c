// culprits SEED COUNT BASE: COUNT times something is mapped, unmapped or protected in a stretch of
// memory at BASE, then a child touches a place in it: prints how each child ended. Some children
// change the page's rights themselves, just after they have used it. Now and then process 1 writes a
// place itself, where it may.
#include "lab.h"

#define PAGES 24ul

static const int rights[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC};

static void touch(volatile uint64_t *at, uint64_t kind, uint64_t value) {
    volatile void *page = (void *)((uintptr_t)at & ~(PAGE - 1));
    switch (kind) {
    case 0: (void)*at; break;
    case 1: *at = value; break;
    case 2:  // what was allowed a moment ago is not any more
        *at = value;
        mprotect((void *)page, PAGE, PROT_READ);
        *at = value + 1;
        break;
    case 3:
        (void)*at;
        munmap((void *)page, PAGE);
        (void)*at;
        break;
    case 4:
        (void)*at;
        mprotect((void *)page, PAGE, PROT_NONE);
        (void)*at;
        break;
    default:  // and what was not, is
        mprotect((void *)page, PAGE, PROT_NONE);
        mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE);
        *at = *at + value;
    }
    _exit((int)(*at & 63) + 1);
}

int main(int argc, char **argv) {
    lab_seed(lab_argument(argc, argv, 1));
    uint64_t count = lab_argument(argc, argv, 2), base = lab_argument(argc, argv, 3);
    int now[PAGES + 8];  // each page's rights, or -1
    for (uint64_t i = 0; i < PAGES + 8; i++) now[i] = -1;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t kind = lab_below(4), first = lab_below(PAGES), size = 1 + lab_below(8);
        int right = rights[lab_below(4)];
        void *at = (void *)(base + first * PAGE);
        long result = 0;
        if (kind < 2) {
            void *got = mmap(at, size * PAGE, right, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
            result = got == at ? 0 : -1;
        } else if (kind == 2) {
            result = munmap(at, size * PAGE);
        } else {
            result = mprotect(at, size * PAGE, right) == 0 ? 0 : -errno;
        }
        for (uint64_t page = first; page < first + size && result == 0; page++) {
            now[page] = kind == 2 ? -1 : right;
        }
        uint64_t word = lab_below(PAGES * PAGE / 8), how = lab_below(6), value = lab_next();
        volatile uint64_t *place = (volatile uint64_t *)base + word;
        if (value % 2 == 0 && now[word * 8 / PAGE] == (PROT_READ | PROT_WRITE)) *place = value / 2;
        pid_t pid = fork();
        if (pid == 0) touch(place, how, value);
        int status = -1;
        waitpid(pid, &status, 0);
        say("%lu %ld %d\n", (unsigned long)i, result, status & ~0x80);
    }
    say("end\n");
    return 0;
}
