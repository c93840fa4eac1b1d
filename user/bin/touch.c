// touch: sets the times of files to now, or to a given moment, and makes those that are missing.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "touch",
    "Usage: touch [-acm] [-d TIME | -r REFERENCE] FILE...\n"
    "Set the access and modification times of each FILE to now; make it if it is missing.\n\n"
    "  -a            only the access time\n"
    "  -c            make no files\n"
    "  -d TIME       to TIME: 'YYYY-MM-DD HH:MM:SS' or '@SECONDS'\n"
    "  -m            only the modification time\n"
    "  -r REFERENCE  to the times of REFERENCE\n",
    1};

static struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};
static int no_create;

static void times_of(const char *reference) {
    struct stat st;
    if (stat(reference, &st) != 0)
        die_errno("failed to get attributes of '%s'", reference);
    times[0] = st.st_atim;
    times[1] = st.st_mtim;
}

static int touch(const char *path) {
    if (!no_create) {
        int file = open(path, O_WRONLY | O_CREAT | O_NONBLOCK, 0666);
        if (file >= 0)
            close(file);
        else if (errno != EISDIR && errno != EACCES && errno != EPERM && errno != ETXTBSY) {
            complain_errno("cannot touch '%s'", path);
            return 1;
        }
    }
    if (utimensat(AT_FDCWD, path, times, 0) == 0 || (no_create && errno == ENOENT))
        return 0;
    complain_errno("setting times of '%s'", path);
    return 1;
}

int main(int argc, char **argv) {
    int letter, access_only = 0, modify_only = 0, status = 0;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "acmd:r:")) != -1) {
        switch (letter) {
            case 'a': access_only = 1; break;
            case 'c': no_create = 1; break;
            case 'm': modify_only = 1; break;
            case 'r': times_of(optarg); break;
            default:
                if (parse_time(optarg, &times[0]) != 0)
                    die("invalid date format '%s'", optarg);
                times[1] = times[0];
        }
    }
    if (optind == argc)
        bad_usage("missing file operand");
    if (access_only && !modify_only)
        times[1].tv_nsec = UTIME_OMIT;
    if (modify_only && !access_only)
        times[0].tv_nsec = UTIME_OMIT;
    for (int i = optind; i < argc; i++)
        status |= touch(argv[i]);
    return finish(status);
}
