// stat: shows what the inode of a file says.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "stat",
    "Usage: stat [-L] [-c FORMAT] FILE...\n"
    "Show the inode of each FILE.\n\n"
    "  -c FORMAT  as FORMAT says, a newline behind it:\n"
    "             %a %A  permissions in octal, in letters   %n %N  name, with a link's target\n"
    "             %b %B  blocks, their size                 %s %o  size, best size to read\n"
    "             %d     device                             %t %T  numbers of a device, in hex\n"
    "             %f %F  mode in hex, kind of file          %u %U  owner's number, name\n"
    "             %g %G  group's number, name               %x %X  last read, as a number\n"
    "             %h     number of hard links               %y %Y  contents changed\n"
    "             %i     inode number                       %z %Z  inode changed\n"
    "  -L         follow symbolic links\n",
    1};

static const char *kind(const struct stat *st) {
    switch (st->st_mode & S_IFMT) {
        case S_IFDIR: return "directory";
        case S_IFLNK: return "symbolic link";
        case S_IFCHR: return "character special file";
        case S_IFBLK: return "block special file";
        case S_IFIFO: return "fifo";
        case S_IFSOCK: return "socket";
        default: return st->st_size == 0 ? "regular empty file" : "regular file";
    }
}

static const char *time_text(const struct timespec *when, char text[64]) {
    char day[32], zone[8];
    struct tm *tm = localtime(&when->tv_sec);
    strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", tm);
    strftime(zone, sizeof zone, "%z", tm);
    snprintf(text, 64, "%s.%09ld %s", day, when->tv_nsec, zone);
    return text;
}

static const char *name_text(const char *path, const struct stat *st, const char *quote, char *text,
                             size_t size) {
    char target[PATH_MAX];
    ssize_t length = S_ISLNK(st->st_mode) ? readlink(path, target, sizeof target) : -1;
    if (length >= 0)
        snprintf(text, size, "%s%s%s -> %s%.*s%s", quote, path, quote, quote, (int)length, target,
                 quote);
    else
        snprintf(text, size, "%s%s%s", quote, path, quote);
    return text;
}

// One directive with its flags and width, such as "%-10s"; 0 if the letter has no meaning.
static int print_field(const char *flags, int letter, const char *path, const struct stat *st) {
    char text[2 * PATH_MAX + 16], directive[32];
    const char *string = NULL, *conversion = "llu";
    unsigned long long number = 0;
    switch (letter) {
        case 'a':
            number = st->st_mode & 07777;
            conversion = "llo";
            break;
        case 'A':
            mode_string(st->st_mode, text);
            string = text;
            break;
        case 'b': number = st->st_blocks; break;
        case 'B': number = 512; break;
        case 'd': number = st->st_dev; break;
        case 'f':
            number = st->st_mode;
            conversion = "llx";
            break;
        case 'F': string = kind(st); break;
        case 'g': number = st->st_gid; break;
        case 'G': string = group_name(st->st_gid); break;
        case 'h': number = st->st_nlink; break;
        case 'i': number = st->st_ino; break;
        case 'n': string = path; break;
        case 'N': string = name_text(path, st, "'", text, sizeof text); break;
        case 'o': number = st->st_blksize; break;
        case 's': number = st->st_size; break;
        case 't':
            number = major(st->st_rdev);
            conversion = "llx";
            break;
        case 'T':
            number = minor(st->st_rdev);
            conversion = "llx";
            break;
        case 'u': number = st->st_uid; break;
        case 'U': string = user_name(st->st_uid); break;
        case 'x': string = time_text(&st->st_atim, text); break;
        case 'X': number = st->st_atim.tv_sec; break;
        case 'y': string = time_text(&st->st_mtim, text); break;
        case 'Y': number = st->st_mtim.tv_sec; break;
        case 'z': string = time_text(&st->st_ctim, text); break;
        case 'Z': number = st->st_ctim.tv_sec; break;
        default: return 0;
    }
    snprintf(directive, sizeof directive, "%%%.16s%s", flags, string ? "s" : conversion);
    if (string)
        printf(directive, string);
    else
        printf(directive, number);
    return 1;
}

static void print_format(const char *format, const char *path, const struct stat *st) {
    while (*format) {
        char c = *format++;
        if (c != '%') {
            putchar(c);
            continue;
        }
        char flags[17];
        size_t length = strspn(format, "-+ #0123456789.");
        snprintf(flags, sizeof flags, "%.*s", (int)length, format);
        format += length;
        if (*format == '\0' || *format == '%')
            putchar('%');
        else if (!print_field(flags, *format, path, st))
            putchar('?');
        format += *format != '\0';
    }
}

static void print_all(const char *path, const struct stat *st) {
    char text[2 * PATH_MAX];
    printf("  File: %s\n", name_text(path, st, "", text, sizeof text));
    print_format("  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\n", path, st);
    printf("Device: %u,%u\t", (unsigned)major(st->st_dev), (unsigned)minor(st->st_dev));
    if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
        printf("Inode: %-11llu Links: %-5lu Device type: %u,%u\n", (unsigned long long)st->st_ino,
               (unsigned long)st->st_nlink, (unsigned)major(st->st_rdev),
               (unsigned)minor(st->st_rdev));
    else
        print_format("Inode: %-11i Links: %h\n", path, st);
    print_format("Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\n", path, st);
    print_format("Access: %x\nModify: %y\nChange: %z\n Birth: -\n", path, st);
}

int main(int argc, char **argv) {
    int letter, status = 0;
    const char *format = NULL;
    int (*look)(const char *, struct stat *) = lstat;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "c:L")) != -1) {
        if (letter == 'c')
            format = optarg;
        else
            look = stat;
    }
    if (optind == argc)
        bad_usage("missing operand");
    for (int i = optind; i < argc; i++) {
        struct stat st;
        if (look(argv[i], &st) != 0) {
            complain_errno("cannot statx '%s'", argv[i]);
            status = 1;
        } else if (format) {
            print_format(format, argv[i], &st);
            putchar('\n');
        } else {
            print_all(argv[i], &st);
        }
    }
    return finish(status);
}
