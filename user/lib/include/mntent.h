// The lines of /proc/mounts.
#pragma once

#include <stdio.h>

#define MOUNTED "/proc/mounts"

struct mntent {
    char *mnt_fsname;
    char *mnt_dir;
    char *mnt_type;
    char *mnt_opts;
    int mnt_freq;
    int mnt_passno;
};

FILE *setmntent(const char *path, const char *mode);
struct mntent *getmntent(FILE *file);
int endmntent(FILE *file);
