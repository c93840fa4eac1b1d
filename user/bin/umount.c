// umount: detaches file systems.
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "umount",
    "Usage: umount [-fl] DIRECTORY...\n"
    "Detach the file system at each DIRECTORY.\n\n"
    "  -f  even if its device does not answer\n"
    "  -l  now from the tree, the rest when nobody uses it any more\n",
    1};

enum { UMOUNT_FAILED = 32 };

int main(int argc, char **argv) {
    int letter, flags = 0, status = 0;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "fl")) != -1)
        flags |= letter == 'f' ? MNT_FORCE : MNT_DETACH;
    if (optind == argc)
        bad_usage("bad usage");
    for (int i = optind; i < argc; i++) {
        if (umount2(argv[i], flags) == 0)
            continue;
        if (errno == ENOENT)
            complain("%s: no mount point specified.", argv[i]);
        else if (errno == EINVAL)
            complain("%s: not mounted.", argv[i]);
        else if (errno == EBUSY)
            complain("%s: target is busy.", argv[i]);
        else
            complain_errno("%s", argv[i]);
        status = UMOUNT_FAILED;
    }
    return finish(status);
}
