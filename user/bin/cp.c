// cp: copies files, and with -r trees. The copying itself is copy_tree() of util_copy.c, which mv
// uses too; here is what only cp refuses.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "cp",
    "Usage: cp [-afprR] SOURCE... TARGET\n"
    "Copy SOURCE to the name TARGET, or any number of them into the directory TARGET.\n\n"
    "  -a      the same as -rp\n"
    "  -f      remove a TARGET that cannot be opened, and try again\n"
    "  -p      keep owner, permissions and times\n"
    "  -r, -R  copy directories with all that is in them; links stay links\n",
    1};

static int flags;

static int same(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

// Whether the directory `tree` stands above the new name `path`: then the copy would copy itself.
static int contains(const struct stat *tree, const char *path) {
    struct stat here, above;
    char up[PATH_MAX];
    const char *name = last_component(path);
    snprintf(up, sizeof up, "%.*s.", (int)(name - path), path);
    while (stat(up, &here) == 0 && !same(tree, &here)) {
        strncat(up, "/..", sizeof up - strlen(up) - 1);
        if (stat(up, &above) != 0 || same(&above, &here))
            return 0;
    }
    return stat(up, &here) == 0 && same(tree, &here);
}

static int copy(const char *from, const char *to) {
    struct stat source, target;
    if ((flags & COPY_RECURSIVE ? lstat : stat)(from, &source) != 0) {
        complain_errno("cannot stat '%s'", from);
        return 1;
    }
    if (S_ISDIR(source.st_mode) && !(flags & COPY_RECURSIVE)) {
        complain("-r not specified; omitting directory '%s'", from);
        return 1;
    }
    if (S_ISDIR(source.st_mode) && contains(&source, to)) {
        complain("cannot copy a directory, '%s', into itself, '%s'", from, to);
        return 1;
    }
    if (stat(to, &target) == 0 && same(&source, &target)) {
        complain("'%s' and '%s' are the same file", from, to);
        return 1;
    }
    return copy_tree(from, to, flags);
}

int main(int argc, char **argv) {
    int letter;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "afprR")) != -1) {
        switch (letter) {
            case 'a': flags |= COPY_RECURSIVE | COPY_PRESERVE; break;
            case 'f': flags |= COPY_FORCE; break;
            case 'p': flags |= COPY_PRESERVE; break;
            default: flags |= COPY_RECURSIVE;
        }
    }
    if (optind == argc)
        bad_usage("missing file operand");
    if (optind == argc - 1)
        bad_usage("missing destination file operand after '%s'", argv[optind]);
    return finish(for_each_target(argc - optind, argv + optind, copy));
}
