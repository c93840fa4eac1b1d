// mkdir: makes directories, and with -p those above them.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "mkdir",
    "Usage: mkdir [-p] [-m MODE] DIRECTORY...\n"
    "Make each DIRECTORY.\n\n"
    "  -m MODE  with these permissions, as for chmod\n"
    "  -p       make missing parents too, and accept a directory that exists\n",
    1};

static int make(const char *path, int is_parent) {
    if (mkdir(path, 0777) == 0)
        return 0;
    if (is_parent && errno == EEXIST)
        errno = ENOTDIR;  // What exists is no directory.
    complain_errno("cannot create directory '%s'", path);
    return 1;
}

// Makes every missing directory on the way: "a", "a/b", "a/b/c".
static int make_with_parents(char *path) {
    int status = 0;
    for (char *end = path; *end && status == 0;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char slash = *end;
        *end = '\0';
        if (!is_directory(path))
            status = make(path, slash != '\0');
        *end = slash;
    }
    return status;
}

int main(int argc, char **argv) {
    int letter, parents = 0, status = 0;
    const char *mode_text = NULL;
    mode_t mode;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "pm:")) != -1) {
        if (letter == 'p')
            parents = 1;
        else
            mode_text = optarg;
    }
    if (optind == argc)
        bad_usage("missing operand");
    if (mode_text && parse_mode(mode_text, S_IFDIR | 0777, &mode) != 0)
        die("invalid mode '%s'", mode_text);
    for (int i = optind; i < argc; i++) {
        int existed = parents && is_directory(argv[i]);
        int failed = parents ? make_with_parents(argv[i]) : make(argv[i], 0);
        if (!failed && !existed && mode_text && chmod(argv[i], mode & 07777) != 0) {
            complain_errno("cannot set permissions of '%s'", argv[i]);
            failed = 1;
        }
        status |= failed;
    }
    return finish(status);
}
