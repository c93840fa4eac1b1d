// df: how full the mounted file systems are, from /proc/mounts and statfs(2).
#include <errno.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "df",
    "Usage: df [-ahik] [FILE]...\n"
    "Show the size and fill of each file system, or of those on which the FILEs are.\n\n"
    "  -a  those without blocks of their own too, such as /proc\n"
    "  -h  in units such as 1.5K\n"
    "  -i  inodes instead of blocks\n"
    "  -k  in units of 1024 bytes (the default)\n",
    1};

enum { CELLS = 6 };

struct row {
    char *cell[CELLS];
};

static struct row *rows;
static size_t row_count;
static int all, human, inodes;

static char *format_count(unsigned long long count, unsigned long long unit) {
    char text[32], human_text[16];
    if (human)
        return need_copy(human_size(count * unit, human_text));
    snprintf(text, sizeof text, "%llu", inodes ? count : count * unit / 1024);
    return need_copy(text);
}

// Rounded up; what only root may use counts as neither used nor available.
static char *format_share(unsigned long long used, unsigned long long available) {
    char text[32];
    unsigned long long sum = used + available;
    if (sum == 0)
        return need_copy("-");
    snprintf(text, sizeof text, "%llu%%", (used * 100 + sum - 1) / sum);
    return need_copy(text);
}

static void add_row(struct row row) {
    rows = need_memory(rows, (row_count + 1) * sizeof *rows);
    rows[row_count++] = row;
}

static void add_file_system(const char *source, const char *directory, int show_empty) {
    struct statfs fs;
    if (statfs(directory, &fs) != 0 || (fs.f_blocks == 0 && !show_empty))
        return;
    unsigned long long total = fs.f_blocks, used = fs.f_blocks - fs.f_bfree, left = fs.f_bavail;
    unsigned long long unit = fs.f_frsize ? fs.f_frsize : fs.f_bsize;
    if (inodes) {
        total = fs.f_files;
        used = fs.f_files - fs.f_ffree;
        left = fs.f_ffree;
        unit = 1;
    }
    add_row(
        (struct row){{need_copy(source), format_count(total, unit), format_count(used, unit),
                      format_count(left, unit), format_share(used, left), need_copy(directory)}});
}

// Calls for the mount with this device number; a later mount hides an earlier one in its place.
static int add_mount_of(const char *file) {
    struct stat wanted, st;
    char *source = NULL, *directory = NULL;
    FILE *mounts = setmntent("/proc/mounts", "r");
    if (stat(file, &wanted) != 0) {
        complain_errno("%s", file);
        return 1;
    }
    for (struct mntent *entry; mounts && (entry = getmntent(mounts)) != NULL;) {
        if (stat(entry->mnt_dir, &st) != 0 || st.st_dev != wanted.st_dev)
            continue;
        free(source);
        free(directory);
        source = need_copy(entry->mnt_fsname);
        directory = need_copy(entry->mnt_dir);
    }
    if (mounts)
        endmntent(mounts);
    add_file_system(source ? source : "-", directory ? directory : file, 1);
    free(source);
    free(directory);
    return 0;
}

// Whether a later line of /proc/mounts covers this one: same place, or same device elsewhere.
static void add_all_mounts(void) {
    dev_t seen[64];
    int seen_count = 0;
    FILE *mounts = setmntent("/proc/mounts", "r");
    if (!mounts)
        die_errno("cannot read table of mounted file systems");
    for (struct mntent *entry; (entry = getmntent(mounts)) != NULL;) {
        struct stat st;
        int i = 0;
        if (stat(entry->mnt_dir, &st) != 0)
            continue;
        while (i < seen_count && seen[i] != st.st_dev)
            i++;
        if (i < seen_count && !all)
            continue;
        if (i == seen_count && seen_count < 64)
            seen[seen_count++] = st.st_dev;
        add_file_system(entry->mnt_fsname, entry->mnt_dir, all);
    }
    endmntent(mounts);
}

static void print_rows(void) {
    int width[CELLS] = {14, 5, 5, 5, 4, 0};
    for (size_t r = 0; r < row_count; r++)
        for (int c = 0; c < CELLS; c++)
            if ((int)strlen(rows[r].cell[c]) > width[c])
                width[c] = strlen(rows[r].cell[c]);
    for (size_t r = 0; r < row_count; r++) {
        printf("%-*s", width[0], rows[r].cell[0]);
        for (int c = 1; c < CELLS - 1; c++)
            printf(" %*s", width[c], rows[r].cell[c]);
        printf(" %s\n", rows[r].cell[CELLS - 1]);
    }
}

int main(int argc, char **argv) {
    int letter, status = 0;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "ahik")) != -1) {
        all |= letter == 'a';
        human |= letter == 'h';
        inodes |= letter == 'i';
    }
    if (inodes)
        add_row((struct row){{"Filesystem", "Inodes", "IUsed", "IFree", "IUse%", "Mounted on"}});
    else if (human)
        add_row((struct row){{"Filesystem", "Size", "Used", "Avail", "Use%", "Mounted on"}});
    else
        add_row(
            (struct row){{"Filesystem", "1K-blocks", "Used", "Available", "Use%", "Mounted on"}});
    if (optind == argc)
        add_all_mounts();
    for (int i = optind; i < argc; i++)
        status |= add_mount_of(argv[i]);
    if (row_count > 1)
        print_rows();
    return finish(status);
}
