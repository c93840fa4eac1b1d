// cycles SEED COUNT: COUNT times fork, exec of itself, exit, wait. Prints a number made of all the
// answers, and how many bytes fewer are free after the last cycle than after the first tenth.
#include <sys/sysinfo.h>

#include "lab.h"

// Once all is quiet: a child that has been waited for may have some steps to go, and its stack with it.
static unsigned long free_bytes(void) {
    unsigned long most = 0;
    for (int looks = 0; looks < 50; looks++) {
        struct sysinfo info;
        sysinfo(&info);
        if (info.freeram > most) most = info.freeram;
        lab_call(SYS_sched_yield, 0, 0, 0);
    }
    return most;
}

int main(int argc, char **argv) {
    if (argc == 4)
        return (int)(lab_argument(argc, argv, 2) * 37 + lab_argument(argc, argv, 3)) & 127;
    uint64_t seed = lab_argument(argc, argv, 1), count = lab_argument(argc, argv, 2), sum = 0;
    unsigned long before = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (i == count / 10) before = free_bytes();
        pid_t pid = fork();
        if (pid == 0) {
            char number[24], more[24];
            snprintf(number, sizeof number, "%lu", (unsigned long)i);
            snprintf(more, sizeof more, "%lu", (unsigned long)(seed % 1000));
            char *words[] = {argv[0], "child", number, more, NULL};
            execve("/cycles", words, words + 4);
            _exit(126);
        }
        int status = -1;
        waitpid(pid, &status, 0);
        sum = sum * 31 + (uint64_t)(status >> 8);
    }
    say("sum %lu\n", (unsigned long)sum);
    say("lost %ld\n", (long)(before - free_bytes()));
    return 0;
}
