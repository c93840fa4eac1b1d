// env: prints the environment, or runs a program in a changed one.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "env",
    "Usage: env [-i] [-u NAME]... [NAME=VALUE]... [COMMAND [ARGUMENT]...]\n"
    "Run COMMAND with changed variables, or print them all.\n\n"
    "  -i       begin with no variables at all\n"
    "  -u NAME  without NAME\n",
    125};

int main(int argc, char **argv) {
    int letter;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "+iu:")) != -1) {
        if (letter == 'i')
            clearenv();
        else if (unsetenv(optarg) != 0)
            die_errno("cannot unset '%s'", optarg);
    }
    if (optind < argc && strcmp(argv[optind], "-") == 0) {  // the old form of -i
        clearenv();
        optind++;
    }
    for (; optind < argc && strchr(argv[optind], '='); optind++)
        if (putenv(argv[optind]) != 0)
            die_errno("cannot set '%s'", argv[optind]);
    if (optind < argc)
        return exec_failed(argv + optind);
    for (char **variable = environ; variable && *variable; variable++)
        puts(*variable);
    return finish(0);
}
