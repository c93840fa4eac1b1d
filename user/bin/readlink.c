// readlink: the path that a symbolic link holds, or with -f where a path leads in the end.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "readlink",
    "Usage: readlink [-efn] FILE...\n"
    "Print what the symbolic link FILE holds.\n\n"
    "  -e  the full path without any symbolic link; all of it must exist\n"
    "  -f  the same, but the last component may be missing\n"
    "  -n  no newline behind\n",
    1};

// Like realpath(3), but the last component may be missing.
static char *resolve(const char *path, char result[PATH_MAX]) {
    char *trimmed = strip_slashes(path), directory[PATH_MAX];
    struct stat st;
    char *found = realpath(path, result);
    if (!found && errno == ENOENT && lstat(trimmed, &st) != 0) {
        const char *name = last_component(trimmed);
        snprintf(directory, sizeof directory, "%.*s.", (int)(name - trimmed), trimmed);
        if (realpath(directory, result)) {
            char *whole = join_path(result, name);
            found = strlen(whole) < PATH_MAX ? strcpy(result, whole) : NULL;
            free(whole);
        }
    }
    free(trimmed);
    return found;
}

static char *read_target(const char *path, char result[PATH_MAX]) {
    ssize_t length = readlink(path, result, PATH_MAX - 1);
    if (length < 0)
        return NULL;
    result[length] = '\0';
    return result;
}

int main(int argc, char **argv) {
    int letter, mode = 0, newline = 1, status = 0;
    char result[PATH_MAX];
    utility_start(&self);
    while ((letter = next_option(argc, argv, "efn")) != -1) {
        if (letter == 'n')
            newline = 0;
        else
            mode = letter;
    }
    if (optind == argc)
        bad_usage("missing operand");
    for (int i = optind; i < argc; i++) {
        const char *text = mode == 'e'   ? realpath(argv[i], result)
                           : mode == 'f' ? resolve(argv[i], result)
                                         : read_target(argv[i], result);
        if (text)
            printf(newline || argc - optind > 1 ? "%s\n" : "%s", text);
        else
            status = 1;  // without a message, as scripts expect it
    }
    return finish(status);
}
