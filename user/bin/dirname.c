// dirname: a path without its last component.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "dirname",
    "Usage: dirname NAME...\n"
    "Print each NAME without its last component; \".\" if nothing remains.\n",
    1};

static void print_directory(const char *path) {
    char *trimmed = strip_slashes(path);
    char *slash = strrchr(trimmed, '/');
    while (slash > trimmed && slash[-1] == '/')
        slash--;
    if (!slash)
        puts(".");
    else
        printf("%.*s\n", slash == trimmed ? 1 : (int)(slash - trimmed), trimmed);
    free(trimmed);
}

int main(int argc, char **argv) {
    utility_start(&self);
    while (next_option(argc, argv, "") != -1) {
    }
    if (optind == argc)
        bad_usage("missing operand");
    for (int i = optind; i < argc; i++)
        print_directory(argv[i]);
    return finish(0);
}
