// ext2_script ro|rw [DISK …]: process 1 of this lab's tests. It mounts /dev/vda on /mnt, does what
// /script lists there, prints an answer for each line, unmounts the disk and ends. Where disks are
// named it only mounts and unmounts each of these.
// An answer is the errno (0: success) and a number; names in the script lead from /mnt.
//   statfs N | list P | stat P | size P | blocks P | mtime P | ctime P | text P
//   create P | mkdir P | unlink P | rmdir P
//   link OLD NEW | rename OLD NEW | symlink TEXT P | truncate P SIZE | hold P | release | sync
//   write P OFFSET COUNT SEED | read P OFFSET COUNT | fill P SEED | many P COUNT
//   together P COUNT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

static int held[64];
static int held_count;
static unsigned long number;  // of the answer
static unsigned char buffer[8192];

// Adler-32 of the bytes, going on from `sum`.
static unsigned long adler(unsigned long sum, const unsigned char* bytes, long size) {
    unsigned long low = sum & 0xffff, high = sum >> 16;
    for (long i = 0; i < size; i++) {
        low = (low + bytes[i]) % 65521;
        high = (high + low) % 65521;
    }
    return high << 16 | low;
}

static unsigned char pattern(unsigned long seed, unsigned long at) {
    return (unsigned char) ((at * 167 + seed * 13 + (at >> 8)) % 251);
}

// Writes to the file until all is written, or nothing goes; the number is how much that was.
static int write_file(const char* path, unsigned long offset, unsigned long count,
                      unsigned long seed) {
    int fd = open(path, O_WRONLY);
    if (fd < 0) return -1;
    int error = 0;
    while (number < count && error == 0) {
        unsigned long size = count - number < sizeof buffer ? count - number : sizeof buffer;
        for (unsigned long i = 0; i < size; i++) buffer[i] = pattern(seed, offset + number + i);
        ssize_t written = pwrite(fd, buffer, size, (off_t) (offset + number));
        if (written <= 0) error = written < 0 ? errno : EIO;
        number += written > 0 ? (unsigned long) written : 0;
    }
    if (close(fd) < 0 && error == 0) error = errno;
    errno = error;
    return error ? -1 : 0;
}

// The number is the sum of the bytes, and above it how many they were.
static int read_file(const char* path, unsigned long offset, unsigned long count) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) return -1;
    unsigned long done = 0, sum = 1;
    ssize_t size = 1;
    while (done < count && size > 0) {
        unsigned long most = count - done < sizeof buffer ? count - done : sizeof buffer;
        size = pread(fd, buffer, most, (off_t) (offset + done));
        if (size > 0) sum = adler(sum, buffer, size);
        if (size > 0) done += (unsigned long) size;
    }
    int error = errno;
    close(fd);
    errno = error;
    number = done << 32 | sum;
    return size < 0 ? -1 : 0;
}

// The number is the sum of the sums of all names, so their order does not matter.
static int list(const char* path) {
    DIR* directory = opendir(path);
    if (directory == NULL) return -1;
    errno = 0;
    for (struct dirent* entry; (entry = readdir(directory)) != NULL;) {
        number += adler(1, (const unsigned char*) entry->d_name, (long) strlen(entry->d_name));
    }
    int error = errno;
    closedir(directory);
    errno = error;
    return error ? -1 : 0;
}

static int create(const char* path) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
    return fd < 0 ? -1 : close(fd);
}

static unsigned long nanoseconds(const struct timespec* time) {
    return (unsigned long) time->tv_sec * 1000000000ul + (unsigned long) time->tv_nsec;
}

// What lstat says. The number for the word stat: links, mode and inode, from the top.
static int look(const char* word, const char* path) {
    struct stat found;
    if (lstat(path, &found) < 0) return -1;
    if (!strcmp(word, "size")) number = (unsigned long) found.st_size;
    if (!strcmp(word, "blocks")) number = (unsigned long) found.st_blocks;
    if (!strcmp(word, "mtime")) number = nanoseconds(&found.st_mtim);
    if (!strcmp(word, "ctime")) number = nanoseconds(&found.st_ctim);
    if (!strcmp(word, "stat")) {
        number =
            (unsigned long) found.st_nlink << 48 | (found.st_mode & 0xffffull) << 32 | found.st_ino;
    }
    return 0;
}

static int is_one_of(const char* word, const char* words) {
    char padded[20];
    snprintf(padded, sizeof padded, " %s ", word);
    return strstr(words, padded) != NULL;
}

static int read_text(const char* path) {
    ssize_t size = readlink(path, (char*) buffer, sizeof buffer);
    if (size >= 0) number = (unsigned long) size << 32 | adler(1, buffer, size);
    return size < 0 ? -1 : 0;
}

static int disk_numbers(const char* which) {
    struct statfs found;
    if (statfs("/mnt", &found) < 0) return -1;
    unsigned long all[] = {found.f_bsize, found.f_blocks, found.f_bfree, found.f_files,
                           found.f_ffree};
    number = all[atoi(which) % 5];
    return 0;
}

// Makes PATH0, PATH1 … until that fails; the number is how many there are.
static int many(const char* path, unsigned long most) {
    char name[600];
    for (; number < most; number++) {
        snprintf(name, sizeof name, "%s%lu", path, number);
        if (create(name) < 0) return -1;
    }
    return 0;
}

// One of several at work: makes and removes names of its own, and tries to be the first to make those
// that all want. How many of these it made, or 255 if anything else went wrong.
static int compete(const char* path, int who, unsigned long count) {
    char own[600], common[600];
    int won = 0;
    for (unsigned long i = 0; i < count; i++) {
        snprintf(own, sizeof own, "%s%d-%lu", path, who, i);
        snprintf(common, sizeof common, "%s%lu", path, i);
        if (create(own) < 0) return 255;
        if (create(common) == 0)
            won++;
        else if (errno != EEXIST)
            return 255;
        if (i % 3 == 0 && unlink(own) < 0) return 255;
    }
    return won;
}

// The number is how many of the names that all want were made, by whomever.
static int together(const char* path, unsigned long count) {
    int failed = 0;
    for (int who = 0; who < 4; who++) {
        pid_t child = fork();
        if (child == 0) _exit(compete(path, who, count));
        failed += child < 0;
    }
    for (int status; wait(&status) > 0;) {
        if (!WIFEXITED(status) || WEXITSTATUS(status) == 255)
            failed++;
        else
            number += (unsigned long) WEXITSTATUS(status);
    }
    errno = failed ? ECHILD : 0;
    return failed ? -1 : 0;
}

static int run(char* line) {
    static char word[16], a[5000], b[5000];
    unsigned long x = 0, y = 0, z = 0;
    a[0] = b[0] = '\0';
    number = 0;
    sscanf(line, "%15s %4999s %4999s", word, a, b);
    sscanf(line, "%*s %*s %lu %lu %lu", &x, &y, &z);
    const char* p = a[0] == '/' && a[1] != '\0' ? a + 1 : a[0] == '/' ? "." : a;
    const char* q = b[0] == '/' ? b + 1 : b;
    if (!strcmp(word, "statfs")) return disk_numbers(a);
    if (!strcmp(word, "list")) return list(p);
    if (is_one_of(word, " stat size blocks mtime ctime ")) return look(word, p);
    if (!strcmp(word, "text")) return read_text(p);
    if (!strcmp(word, "create")) return create(p);
    if (!strcmp(word, "mkdir")) return mkdir(p, 0755);
    if (!strcmp(word, "unlink")) return unlink(p);
    if (!strcmp(word, "rmdir")) return rmdir(p);
    if (!strcmp(word, "link")) return link(p, q);
    if (!strcmp(word, "rename")) return rename(p, q);
    if (!strcmp(word, "symlink")) return symlink(a, q);
    if (!strcmp(word, "truncate")) return truncate(p, (off_t) x);
    if (!strcmp(word, "write")) return write_file(p, x, y, z);
    if (!strcmp(word, "read")) return read_file(p, x, y);
    if (!strcmp(word, "fill")) return write_file(p, 0, ~0ul, x);
    if (!strcmp(word, "many")) return many(p, x);
    if (!strcmp(word, "together")) return together(p, x);
    if (!strcmp(word, "hold")) {
        held[held_count] = open(p, O_RDWR);
        return held[held_count] < 0 ? -1 : (held_count++, 0);
    }
    if (!strcmp(word, "release")) {
        while (held_count > 0) close(held[--held_count]);
        return 0;
    }
    sync();
    return 0;
}

// Mounts each disk for itself: the answer is mount's errno, or umount's.
static int try_disks(char** disks, unsigned long flags) {
    for (; *disks != NULL; disks++) {
        char path[64];
        snprintf(path, sizeof path, "/dev/%s", *disks);
        int error = mount(path, "/mnt", "ext2", flags, NULL) < 0 ? errno : 0;
        if (error == 0 && umount("/mnt") < 0) error = errno;
        printf("answer %s %d 0\n", *disks, error);
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char** argv) {
    static char line[12000];
    umask(022);
    unsigned long flags = argc > 1 && !strcmp(argv[1], "ro") ? MS_RDONLY : 0;
    if (argc > 2) return try_disks(argv + 2, flags);
    int mounted = mount("/dev/vda", "/mnt", "ext2", flags, NULL);
    printf("answer mount %d 0\n", mounted == 0 ? 0 : errno);
    FILE* script = fopen("/script", "r");
    if (mounted < 0 || script == NULL || chdir("/mnt") < 0) return 0;
    for (int step = 0; fgets(line, sizeof line, script) != NULL; step++) {
        line[strcspn(line, "\n")] = '\0';
        int error = run(line) == 0 ? 0 : errno;
        printf("answer %d %d %lu\n", step, error, number);
        fflush(stdout);
    }
    if (chdir("/") < 0 || umount("/mnt") < 0) {
        printf("answer umount %d 0\n", errno);
        return 1;
    }
    printf("answer umount 0 0\n");
    return 0;
}
