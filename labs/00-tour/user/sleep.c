// sleep SECONDS: does nothing for so long. See LAB.md, exercise 4.
#include <stdio.h>

int main(int argc, char **argv) {
    (void)argc, (void)argv;
    fprintf(stderr, "tour.sleep: exercise 4: yours to write\n");
    return 1;
}
