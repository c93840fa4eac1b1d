// yes: prints a line again and again until nobody reads it any more.
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "yes",
    "Usage: yes [STRING]...\n"
    "Print the STRINGs (or y) again and again, one line each time.\n",
    1};

int main(int argc, char **argv) {
    utility_start(&self);
    while (next_option(argc, argv, "+") != -1) {
    }
    while (!ferror(stdout)) {
        fputs(optind < argc ? argv[optind] : "y", stdout);
        for (int i = optind + 1; i < argc; i++)
            printf(" %s", argv[i]);
        putchar('\n');
    }
    return finish(1);
}
