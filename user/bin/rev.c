// rev: each line backwards.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "rev",
    "Usage: rev [FILE]...\n"
    "Print the lines of each FILE (standard input without one) backwards.\n",
    1};

static void reverse_lines(FILE *input, const char *name) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    (void)name;
    while ((length = getline(&line, &room, input)) > 0 && !ferror(stdout)) {
        int newline = line[length - 1] == '\n';
        for (length -= newline; length > 0; length--)
            putchar(line[length - 1]);
        if (newline)
            putchar('\n');
    }
    free(line);
}

int main(int argc, char **argv) {
    utility_start(&self);
    while (next_option(argc, argv, "") != -1) {
    }
    return finish(
        for_each_input(argc - optind, argv + optind, "cannot open %s", "%s", reverse_lines));
}
