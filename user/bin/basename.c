// basename: the last component of a path.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "basename",
    "Usage: basename NAME [SUFFIX]\n"
    "  or:  basename [-a] [-s SUFFIX] NAME...\n"
    "Print NAME without the directories in front of it, and without SUFFIX at its end.\n\n"
    "  -a         several NAMEs\n"
    "  -s SUFFIX  leave out SUFFIX; means -a too\n",
    1};

static void print_last(const char *path, const char *suffix) {
    char *trimmed = strip_slashes(path);
    const char *name = trimmed[0] == '/' && !trimmed[1] ? trimmed : last_component(trimmed);
    int length = strlen(name), cut = suffix ? strlen(suffix) : 0;
    if (cut < length && cut > 0 && strcmp(name + length - cut, suffix) == 0)
        length -= cut;
    printf("%.*s\n", length, name);
    free(trimmed);
}

int main(int argc, char **argv) {
    int letter, several = 0;
    const char *suffix = NULL;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "+as:")) != -1) {
        several = 1;
        if (letter == 's')
            suffix = optarg;
    }
    if (optind == argc)
        bad_usage("missing operand");
    if (!several && argc - optind > 2)
        bad_usage("extra operand '%s'", argv[optind + 2]);
    if (!several && argc - optind == 2)
        suffix = argv[--argc];
    for (int i = optind; i < argc; i++)
        print_last(argv[i], suffix);
    return finish(0);
}
