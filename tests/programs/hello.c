/* A program that knows nothing of goose: glibc's stdio, malloc, sorting, time, files and signals. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t caught;

static void note(int number) {
    caught = number;
}

static int ascending(const void* a, const void* b) {
    return *(const int*) a - *(const int*) b;
}

int main(int argc, char** argv) {
    printf("%d arguments, the last is %s\n", argc - 1, argv[argc - 1]);
    printf("HOME=%s\n", getenv("HOME"));

    enum { kCount = 100000 };
    int* numbers = malloc(kCount * sizeof *numbers);
    for (int i = 0; i < kCount; i++) {
        numbers[i] = (i * 7919) % 100003;
    }
    qsort(numbers, kCount, sizeof *numbers, ascending);
    printf("sorted: %d %d %d\n", numbers[0], numbers[kCount / 2], numbers[kCount - 1]);
    free(numbers);

    FILE* file = fopen("/tmp/hello.txt", "w+");
    fprintf(file, "%.6f %s\n", sqrt(2.0), "squared is two");
    rewind(file);
    char line[80];
    fgets(line, sizeof line, file);
    printf("read back: %s", line);
    fclose(file);
    printf("absent: %s\n", fopen("/absent", "r") == NULL ? strerror(errno) : "there");

    signal(SIGUSR1, note);
    raise(SIGUSR1);
    printf("caught %d\n", caught);

    fflush(stdout);
    if (fork() == 0) {
        exit(7);
    }
    int status;
    wait(&status);
    printf("child ended with %d\n", WEXITSTATUS(status));
    printf("the clock %s\n", time(NULL) > 1600000000 ? "is set" : "is not set");
    return 0;
}
