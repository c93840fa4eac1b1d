// ln: gives a file another name (a hard link: the same inode), or with -s makes a symbolic link: a
// small file that holds a path.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "ln",
    "Usage: ln [-fns] TARGET [LINK]\n"
    "  or:  ln [-fns] TARGET... DIRECTORY\n"
    "Make LINK, or a link in DIRECTORY (without it in the current one), to each TARGET.\n\n"
    "  -f  remove what is there under the new name\n"
    "  -n  treat a LINK that is a symbolic link to a directory as the link it is\n"
    "  -s  make symbolic links\n",
    1};

static int force, symbolic;

static int link_one(const char *target, const char *name) {
    struct stat st, old;
    const int hard = !symbolic;
    if (hard && lstat(target, &st) != 0) {
        complain_errno("failed to access '%s'", target);
        return 1;
    }
    if (hard && S_ISDIR(st.st_mode)) {
        complain("%s: hard link not allowed for directory", target);
        return 1;
    }
    if (force && lstat(name, &old) == 0) {
        if (hard && st.st_dev == old.st_dev && st.st_ino == old.st_ino) {
            complain("'%s' and '%s' are the same file", target, name);
            return 1;
        }
        if (unlink(name) != 0) {
            complain_errno("cannot remove '%s'", name);
            return 1;
        }
    }
    if ((hard ? link : symlink)(target, name) == 0)
        return 0;
    if (!hard || errno == EEXIST)
        complain_errno("failed to create %s link '%s'", hard ? "hard" : "symbolic", name);
    else
        complain_errno("failed to create hard link '%s' => '%s'", name, target);
    return 1;
}

int main(int argc, char **argv) {
    int letter, links_are_files = 0;
    struct stat st;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "fns")) != -1) {
        switch (letter) {
            case 'f': force = 1; break;
            case 'n': links_are_files = 1; break;
            default: symbolic = 1;
        }
    }
    char **operands = argv + optind;
    int count = argc - optind;
    if (count == 0)
        bad_usage("missing file operand");
    if (count == 1)
        return finish(for_each_target(2, (char *[]){operands[0], "."}, link_one));
    if (count == 2 && links_are_files && lstat(operands[1], &st) == 0 && S_ISLNK(st.st_mode))
        return finish(link_one(operands[0], operands[1]));
    return finish(for_each_target(count, operands, link_one));
}
