/* Forks without end, each child too, until there is no more memory or some seconds have passed;
   then all end by themselves. Says how it went, unless the kernel has ended this process too. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 3
#define BYTES (512 << 10) /* that each process writes to, so that few seconds are enough */

static char ballast[BYTES];

int main(void) {
    atomic_int* refused =
        mmap(NULL, sizeof *refused, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    time_t end = time(NULL) + SECONDS;
    pid_t mother = getpid();
    while (time(NULL) < end) {
        memset(ballast, getpid(), BYTES);
        if (fork() < 0) {
            atomic_fetch_add(refused, 1);
            usleep(10000);
        }
    }
    if (getpid() != mother) {
        return 0;
    }
    while (wait(NULL) > 0) {
    }
    printf("fork was refused %d times\n", *refused);
    return 0;
}
