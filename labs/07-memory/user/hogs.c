// hogs GROWING OWN SIZE…: as many children as there are SIZEs. Each takes SIZE thousandths of the
// memory that is free, process 1 then OWN thousandths, and at last child number GROWING takes more and
// more, until there is none. Prints how each child has ended; those that live to the end have looked
// whether their memory is as they wrote it.
#include <sys/sysinfo.h>

#include "lab.h"

#define MOST 8

static struct board {
    volatile uint64_t ready, go, done;
} *board;

static uint64_t *take(uint64_t pages, uint64_t value) {
    uint64_t *words = mmap(NULL, (pages + 1) * PAGE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (uint64_t page = 0; page < pages; page++) words[page * PAGE / 8] = value + page;
    return words;
}

static void child(uint64_t number, uint64_t pages, int grows) {
    volatile uint64_t *words = take(pages, number);
    board->ready++;  // one hart, and nobody else is at it: they take turns
    lab_wait_until(board->go);
    if (grows) {
        for (;;) take(16, number);
    }
    lab_wait_until(board->done);
    for (uint64_t page = 0; page < pages; page++) {
        if (words[page * PAGE / 8] != number + page) _exit(90);
    }
    _exit((int)number + 1);
}

int main(int argc, char **argv) {
    struct sysinfo info;
    pid_t pids[MOST] = {0};
    int status[MOST], count = argc - 3;
    uint64_t growing = lab_argument(argc, argv, 1);
    board = lab_shared(PAGE);
    sysinfo(&info);
    uint64_t pages = info.freeram / PAGE;
    for (int i = 0; i < count; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            child((uint64_t)i, lab_argument(argc, argv, i + 3) * pages / 1000, (uint64_t)i == growing);
        }
        lab_wait_until(board->ready == (uint64_t)i + 1);
    }
    take(lab_argument(argc, argv, 2) * pages / 1000, 1);
    board->go = 1;
    waitpid(pids[growing], &status[growing], 0);
    board->done = 1;
    for (int i = 0; i < count; i++) {
        if ((uint64_t)i != growing) waitpid(pids[i], &status[i], 0);
        say("child %d %d\n", i, status[i]);
    }
    say("end\n");
    return 0;
}
