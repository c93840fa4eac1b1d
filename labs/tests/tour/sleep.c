// The reference of Lab 0, exercise 4.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    char *end = NULL;
    long seconds = argc == 2 ? strtol(argv[1], &end, 10) : -1;
    if (argc != 2 || end == argv[1] || *end || seconds < 0) {
        fprintf(stderr, "usage: sleep SECONDS\n");
        return 1;
    }
    struct timespec left = {seconds, 0};
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
    return 0;
}
