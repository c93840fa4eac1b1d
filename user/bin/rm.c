// rm: removes names, and with -r whole trees. What is removed is the name: the file itself goes
// with its last name and its last open descriptor.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {"rm",
                                    "Usage: rm [-dfrR] FILE...\n"
                                    "Remove each FILE.\n\n"
                                    "  -d      remove empty directories as well\n"
                                    "  -f      say nothing about files that do not exist\n"
                                    "  -r, -R  remove directories with all that is in them\n",
                                    1};

static int force, recursive, empty_directories;

static int is_dot(const char *path) {
    char *trimmed = strip_slashes(path);
    const char *name = last_component(trimmed);
    int dot = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    free(trimmed);
    return dot;
}

static int remove_one(const char *path) {
    struct stat st;
    if (lstat(path, &st) != 0) {
        if (force && (errno == ENOENT || errno == ENOTDIR))
            return 0;
        complain_errno("cannot remove '%s'", path);
        return 1;
    }
    if (S_ISDIR(st.st_mode) && recursive) {
        if (is_dot(path)) {
            complain("refusing to remove '.' or '..' directory: skipping '%s'", path);
            return 1;
        }
        return remove_tree(path);
    }
    int failed;
    if (S_ISDIR(st.st_mode) && !empty_directories) {
        errno = EISDIR;
        failed = 1;
    } else {
        failed = S_ISDIR(st.st_mode) ? rmdir(path) : unlink(path);
    }
    if (failed)
        complain_errno("cannot remove '%s'", path);
    return failed != 0;
}

int main(int argc, char **argv) {
    int letter, status = 0;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "dfrR")) != -1) {
        switch (letter) {
            case 'd': empty_directories = 1; break;
            case 'f': force = 1; break;
            default: recursive = 1;
        }
    }
    if (optind == argc && !force)
        bad_usage("missing operand");
    for (int i = optind; i < argc; i++) {
        struct stat root, st;
        if (recursive && stat("/", &root) == 0 && lstat(argv[i], &st) == 0 &&
            st.st_dev == root.st_dev && st.st_ino == root.st_ino) {
            complain("it is dangerous to operate recursively on '%s'", argv[i]);
            status = 1;
            continue;
        }
        status |= remove_one(argv[i]);
    }
    return finish(status);
}
