// du: how much room files and directories take on the disk: their blocks, not their sizes.
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "du",
    "Usage: du [-abchkmsx] [-d DEPTH] [FILE]...\n"
    "Print the room that each FILE (the current directory without one) and each directory in it\n"
    "take, in units of 1024 bytes.\n\n"
    "  -a        files too, not only directories\n"
    "  -b        sizes in bytes instead of room\n"
    "  -c        a total behind\n"
    "  -d DEPTH  only DEPTH levels below FILE are shown\n"
    "  -h        units such as 1.5K\n"
    "  -m        units of 1048576 bytes\n"
    "  -s        only each FILE itself\n"
    "  -x        not what is mounted from other file systems\n",
    1};

static struct {
    int files, bytes, total, human, one_device;
    unsigned long long unit;
    long long depth;
} option = {.unit = 1024, .depth = 1L << 30};
static int several_operands;
static dev_t first_device;  // of the starting point
static int status;

// The sum of each directory on the way from the starting point to where the walk is.
static unsigned long long *sums;
static int levels;

// Files with several names are counted once, and directories that several operands lead to; the others
// need not be remembered.
static struct seen {
    dev_t device;
    ino_t inode;
} * seen;
static size_t seen_count;

static int is_counted(const struct stat *st) {
    if (S_ISDIR(st->st_mode) ? !several_operands : st->st_nlink < 2 && !several_operands)
        return 0;
    for (size_t i = 0; i < seen_count; i++)
        if (seen[i].device == st->st_dev && seen[i].inode == st->st_ino)
            return 1;
    seen = need_memory(seen, (seen_count + 1) * sizeof *seen);
    seen[seen_count++] = (struct seen){st->st_dev, st->st_ino};
    return 0;
}

static void print(unsigned long long bytes, const char *path) {
    char text[16];
    if (option.human)
        printf("%s\t%s\n", human_size(bytes, text), path);
    else
        printf("%llu\t%s\n", option.bytes ? bytes : (bytes + option.unit - 1) / option.unit, path);
}

static void enter(int depth, unsigned long long own) {
    if (depth >= levels)
        sums = need_memory(sums, (levels = depth + 1) * sizeof *sums);
    sums[depth] = own;
}

static enum walk_answer visit(const struct walk_entry *entry, void *context) {
    unsigned long long *total = context, room = 0;
    int depth = entry->depth;
    if (entry->event == WALK_FAILED) {
        errno = entry->error;
        complain_errno(entry->st ? "cannot read directory '%s'" : "cannot access '%s'",
                       entry->path);
        status = 1;
        return WALK_ON;
    }
    if (entry->event != WALK_LEAVE && depth == 0)
        first_device = entry->st->st_dev;
    if (entry->event != WALK_LEAVE &&
        (is_counted(entry->st) || (option.one_device && entry->st->st_dev != first_device)))
        return WALK_PRUNE;
    room = option.bytes ? (unsigned long long)entry->st->st_size : entry->st->st_blocks * 512ULL;
    if (entry->event == WALK_ENTER) {
        enter(depth, room);
        return WALK_ON;
    }
    if (entry->event == WALK_LEAVE)
        room = sums[depth];
    if (depth == 0)
        *total += room;
    else
        sums[depth - 1] += room;
    if (depth == 0 || (depth <= option.depth && (entry->event == WALK_LEAVE || option.files)))
        print(room, entry->path);
    return WALK_ON;
}

int main(int argc, char **argv) {
    int letter;
    unsigned long long total = 0;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "abcd:hkmsx")) != -1) {
        switch (letter) {
            case 'a': option.files = 1; break;
            case 'b': option.bytes = 1; break;
            case 'c': option.total = 1; break;
            case 'd':
                if (!parse_number(optarg, &option.depth) || option.depth < 0)
                    bad_usage("invalid maximum depth '%s'", optarg);
                break;
            case 'h': option.human = 1; break;
            case 'm': option.unit = 1 << 20; break;
            case 's': option.depth = 0; break;
            case 'x': option.one_device = 1; break;
        }
    }
    if (option.files && option.depth == 0)
        bad_usage("cannot both summarize and show all entries");
    several_operands = argc - optind > 1;
    if (optind == argc)
        walk(".", visit, &total);
    for (int i = optind; i < argc; i++)
        walk(argv[i], visit, &total);
    if (option.total)
        print(total, "total");
    return finish(status);
}
