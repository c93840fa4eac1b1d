// The reference of Lab 0, exercise 6.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

// One stage: prints the first number that comes, passes on what it does not divide.
static void stage(int from) {
    int prime, number;
    if (read(from, &prime, sizeof prime) != sizeof prime)
        return;
    printf("%d\n", prime);
    fflush(stdout);
    int ends[2];
    if (pipe(ends) != 0)
        exit(1);
    pid_t child = fork();
    if (child < 0)
        exit(1);
    if (child == 0) {
        close(ends[1]);
        close(from);
        stage(ends[0]);
        exit(0);
    }
    close(ends[0]);
    while (read(from, &number, sizeof number) == sizeof number)
        if (number % prime)
            write(ends[1], &number, sizeof number);
    close(ends[1]);
    close(from);
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    int last = argc == 2 ? atoi(argv[1]) : 0, ends[2];
    if (last < 2 || pipe(ends) != 0) {
        fprintf(stderr, "usage: sieve LAST\n");
        return 1;
    }
    pid_t child = fork();
    if (child < 0)
        return 1;
    if (child == 0) {
        close(ends[1]);
        stage(ends[0]);
        return 0;
    }
    close(ends[0]);
    for (int number = 2; number <= last; number++)
        write(ends[1], &number, sizeof number);
    close(ends[1]);
    waitpid(child, NULL, 0);
    return 0;
}
