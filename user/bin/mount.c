// mount: attaches a file system to a directory, or lists what is attached.
#include <errno.h>
#include <mntent.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "mount",
    "Usage: mount\n"
    "  or:  mount [-t TYPE] [-o OPTION,...] DEVICE DIRECTORY\n"
    "  or:  mount -o remount[,OPTION,...] DIRECTORY\n"
    "Attach the file system on DEVICE to DIRECTORY; without arguments, list all attached ones.\n\n"
    "  -o OPTION  ro, rw, noexec, nosuid, nodev, noatime, sync, remount; others are for the file\n"
    "             system\n"
    "  -r         the same as -o ro\n"
    "  -t TYPE    the kind of file system; ext2 without it\n",
    1};

enum { MOUNT_FAILED = 32 };

static unsigned long flags;
static char data[512];  // options for the file system itself

static void parse_options(char *list) {
    static const struct {
        const char *name;
        unsigned long set, clear;
    } options[] = {
        {"ro", MS_RDONLY, 0},        {"rw", 0, MS_RDONLY},       {"noexec", MS_NOEXEC, 0},
        {"nosuid", MS_NOSUID, 0},    {"nodev", MS_NODEV, 0},     {"noatime", MS_NOATIME, 0},
        {"sync", MS_SYNCHRONOUS, 0}, {"remount", MS_REMOUNT, 0}, {"defaults", 0, 0}};
    for (char *name; (name = strsep(&list, ",")) != NULL;) {
        size_t i = 0, count = sizeof options / sizeof options[0], length = strlen(data);
        while (i < count && strcmp(name, options[i].name) != 0)
            i++;
        if (i < count)
            flags = (flags | options[i].set) & ~options[i].clear;
        else
            snprintf(data + length, sizeof data - length, length ? ",%s" : "%s", name);
    }
}

static void list_mounts(void) {
    FILE *mounts = setmntent("/proc/mounts", "r");
    if (!mounts)
        die_errno("cannot read /proc/mounts");
    for (struct mntent *entry; (entry = getmntent(mounts)) != NULL;)
        printf("%s on %s type %s (%s)\n", entry->mnt_fsname, entry->mnt_dir, entry->mnt_type,
               entry->mnt_opts);
    endmntent(mounts);
}

static void explain(const char *device, const char *directory, const char *type) {
    struct stat st;
    if (errno == ENODEV)
        complain("%s: unknown filesystem type '%s'.", directory, type);
    else if (errno == ENOENT && stat(directory, &st) != 0)
        complain("%s: mount point does not exist.", directory);
    else if (errno == ENOENT)
        complain("%s: special device %s does not exist.", directory, device);
    else if (errno == ENOTBLK)
        complain("%s: %s is not a block device.", directory, device);
    else if (errno == ENOTDIR)
        complain("%s: mount point is not a directory.", directory);
    else if (errno == EBUSY)
        complain("%s: %s already mounted or mount point busy.", directory, device);
    else if (errno == EINVAL)
        complain("%s: wrong fs type, bad option, bad superblock on %s.", directory, device);
    else
        complain_errno("%s: mounting %s failed", directory, device);
}

int main(int argc, char **argv) {
    int letter;
    const char *type = "ext2";
    utility_start(&self);
    while ((letter = next_option(argc, argv, "o:rt:")) != -1) {
        switch (letter) {
            case 'o': parse_options(optarg); break;
            case 'r': flags |= MS_RDONLY; break;
            case 't': type = optarg; break;
        }
    }
    int count = argc - optind;
    if (count == 0 && optind == 1) {
        list_mounts();
        return finish(0);
    }
    if (count != 2 && !(count == 1 && (flags & MS_REMOUNT)))
        bad_usage("bad usage");
    const char *device = count == 2 ? argv[optind] : "none", *directory = argv[argc - 1];
    if (mount(device, directory, type, flags, data[0] ? data : NULL) == 0)
        return finish(0);
    explain(device, directory, type);
    return MOUNT_FAILED;
}
