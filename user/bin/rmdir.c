// rmdir: removes empty directories, and with -p those above them that become empty.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "rmdir",
    "Usage: rmdir [-p] DIRECTORY...\n"
    "Remove each DIRECTORY, which must be empty.\n\n"
    "  -p  then its parents: 'rmdir -p a/b/c' is 'rmdir a/b/c a/b a'\n",
    1};

static int remove_with_parents(char *path, int parents) {
    for (int above = 0;; above = 1) {
        if (rmdir(path) != 0) {
            complain_errno("failed to remove %s'%s'", above ? "directory " : "", path);
            return 1;
        }
        char *slash = strrchr(path, '/');
        if (!parents || !slash || slash == path)
            return 0;
        *slash = '\0';
    }
}

int main(int argc, char **argv) {
    int parents = 0, status = 0;
    utility_start(&self);
    while (next_option(argc, argv, "p") != -1)
        parents = 1;
    if (optind == argc)
        bad_usage("missing operand");
    for (int i = optind; i < argc; i++)
        status |= remove_with_parents(strip_slashes(argv[i]), parents);
    return finish(status);
}
