// sync: waits until all changes, or those of some files, are on the disk.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "sync",
    "Usage: sync [-d] [FILE]...\n"
    "Wait until all changes (or those of each FILE) are on the disk.\n\n"
    "  -d  only the data of FILE, not what the directory says about it\n",
    1};

int main(int argc, char **argv) {
    int data_only = 0, status = 0;
    utility_start(&self);
    while (next_option(argc, argv, "d") != -1)
        data_only = 1;
    if (data_only && optind == argc)
        die("--data needs at least one argument");
    if (optind == argc)
        sync();
    for (int i = optind; i < argc; i++) {
        int file = open(argv[i], O_RDONLY | O_NONBLOCK);
        if (file < 0)
            complain_errno("error opening '%s'", argv[i]);
        else if ((data_only ? fdatasync : fsync)(file) != 0)
            complain_errno("error syncing '%s'", argv[i]);
        else if (close(file) == 0)
            continue;
        status = 1;
    }
    return finish(status);
}
