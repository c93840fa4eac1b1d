// pwd: prints the name of the current directory.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {"pwd",
                                    "Usage: pwd [-LP]\n"
                                    "Print the full name of the current directory.\n\n"
                                    "  -L  as $PWD has it, even with symbolic links in it\n"
                                    "  -P  without symbolic links (the default)\n",
                                    1};

// $PWD, if it is an absolute name of the current directory without "." and "..".
static const char *logical_name(void) {
    const char *name = getenv("PWD");
    struct stat here, there;
    if (!name || *name != '/' || strstr(name, "/./") || strstr(name, "/../") ||
        stat(".", &here) != 0 || stat(name, &there) != 0)
        return NULL;
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino ? name : NULL;
}

int main(int argc, char **argv) {
    int letter, logical = 0;
    char path[PATH_MAX];
    utility_start(&self);
    while ((letter = next_option(argc, argv, "LP")) != -1)
        logical = letter == 'L';
    if (optind < argc)
        complain("ignoring non-option arguments");
    const char *name = logical ? logical_name() : NULL;
    if (!name && !(name = getcwd(path, sizeof path)))
        die_errno("cannot find the name of the current directory");
    puts(name);
    return finish(0);
}
