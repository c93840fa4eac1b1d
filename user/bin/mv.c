// mv: gives files another name. Within a file system that is rename(2), which moves no data; to
// another one (EXDEV) it takes a copy and the removal of the original.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "mv",
    "Usage: mv [-fn] SOURCE... TARGET\n"
    "Rename SOURCE to TARGET, or move any number of them into the directory TARGET.\n\n"
    "  -f  replace what is there (the default)\n"
    "  -n  leave what is there alone\n",
    1};

static int keep_existing;

static int move_across(const char *from, const char *to) {
    if (copy_tree(from, to, COPY_RECURSIVE | COPY_PRESERVE | COPY_FORCE) != 0)
        return 1;
    return remove_tree(from);
}

static int explain(const char *from, const char *to, int to_is_directory) {
    if (errno == EINVAL)
        complain("cannot move '%s' to a subdirectory of itself, '%s'", from, to);
    else if (errno == EISDIR)
        complain("cannot overwrite directory '%s' with non-directory", to);
    else if (errno == ENOTDIR && !to_is_directory && access(to, F_OK) == 0)
        complain("cannot overwrite non-directory '%s' with directory '%s'", to, from);
    else if (errno == ENOTEMPTY || errno == EEXIST)
        complain_errno("cannot overwrite '%s'", to);
    else
        complain_errno("cannot move '%s' to '%s'", from, to);
    return 1;
}

static int move(const char *from, const char *to) {
    struct stat source, target;
    if (lstat(from, &source) != 0) {
        complain_errno("cannot stat '%s'", from);
        return 1;
    }
    int exists = lstat(to, &target) == 0;
    if (exists && keep_existing)
        return 0;
    if (exists && source.st_dev == target.st_dev && source.st_ino == target.st_ino) {
        complain("'%s' and '%s' are the same file", from, to);
        return 1;
    }
    if (rename(from, to) == 0)
        return 0;
    if (errno == EXDEV)
        return move_across(from, to);
    return explain(from, to, exists && S_ISDIR(target.st_mode));
}

int main(int argc, char **argv) {
    int letter;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "fn")) != -1)
        keep_existing = letter == 'n';
    if (optind == argc)
        bad_usage("missing file operand");
    if (optind == argc - 1)
        bad_usage("missing destination file operand after '%s'", argv[optind]);
    return finish(for_each_target(argc - optind, argv + optind, move));
}
