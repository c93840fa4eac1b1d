// sieve LAST: prints the prime numbers up to LAST, found by a chain of processes. See LAB.md, exercise 6.
#include <stdio.h>

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    fprintf(stderr, "tour.sieve: exercise 6: yours to write\n");
    return 1;
}
