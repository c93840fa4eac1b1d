// umount: detaches file systems.
#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "umount",
    "Usage: umount [-f] DIRECTORY...\n"
    "Detach the file system at each DIRECTORY.\n\n"
    "  -f  even if its device does not answer\n",
    1};

enum { UMOUNT_FAILED = 32 };

int main(int argc, char **argv) {
    int flags = 0, status = 0;
    utility_start(&self);
    while (next_option(argc, argv, "f") != -1) flags |= MNT_FORCE;
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
