/* Forks without end, each child too, until memory has run out many times; then all end by
   themselves. Says how it went, unless the kernel has ended this process too. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 60       /* at the most */
#define TIMES 20         /* that a fork was refused or a process was killed for its memory */
#define BYTES (2 << 20)  /* that each process writes to */

static char ballast[BYTES];

int main(void) {
    atomic_int* refused =
        mmap(NULL, sizeof *refused, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    time_t end = time(NULL) + SECONDS;
    pid_t mother = getpid();
    int status;
    while (*refused < TIMES && time(NULL) < end) {
        pid_t child = fork();
        if (child == 0) {
            memset(ballast, getpid(), BYTES);
        } else if (child < 0) {
            atomic_fetch_add(refused, 1);
            usleep(10000);
        }
        while (waitpid(-1, &status, WNOHANG) > 0) {
            atomic_fetch_add(refused, WIFSIGNALED(status) != 0);
        }
    }
    if (getpid() != mother) {
        return 0;
    }
    while (wait(NULL) > 0) {
    }
    printf("refused %d times\n", *refused);
    return 0;
}
