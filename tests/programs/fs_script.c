// Does file operations that a script lists, and says where an answer is not the expected one.
//   fs_script SCRIPT      (names in the script are relative to the working directory)
// A line is the expected errno (0: success, ?: whatever comes, and print it) and an operation:
//   mkdir P | create P | unlink P | rmdir P | link OLD NEW | symlink TEXT P | rename A B
//   exchange A B | write P OFFSET COUNT SEED | truncate P SIZE | node P MODE MAJOR MINOR
//   check P OFFSET COUNT SEED | hold P | release | fsync P | sync | times P SECONDS
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int held[64];
static int held_count;

static unsigned char pattern(unsigned long seed, unsigned long at) {
    return (unsigned char) ((at * 167 + seed * 13 + (at >> 8)) % 251);
}

static int write_pattern(const char* path, unsigned long offset, unsigned long count,
                         unsigned long seed, int check) {
    static unsigned char buffer[10000], seen[10000];
    int fd = open(path, check ? O_RDONLY : O_WRONLY);
    int result = fd < 0 ? -1 : 0;
    for (unsigned long done = 0; result == 0 && done < count;) {
        unsigned long piece = count - done < sizeof buffer ? count - done : sizeof buffer;
        for (unsigned long i = 0; i < piece; i++) {
            buffer[i] = pattern(seed, offset + done + i);
        }
        off_t at = (off_t) (offset + done);
        ssize_t moved = check ? pread(fd, seen, piece, at) : pwrite(fd, buffer, piece, at);
        if (check && moved > 0 && memcmp(buffer, seen, (size_t) moved) != 0) {
            errno = EILSEQ;
            moved = -1;
        }
        result = moved > 0 ? 0 : -1;
        done += (unsigned long) moved;
    }
    int error = errno;
    if (fd >= 0 && close(fd) != 0) {
        return -1;
    }
    errno = error;
    return result;
}

static int make_node(const char* path, mode_t mode, unsigned major_number, unsigned minor_number) {
    return mknod(path, mode, makedev(major_number, minor_number));
}

static int sync_file(const char* path) {
    int fd = open(path, O_RDONLY);
    int result = fd < 0 ? -1 : fsync(fd);
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static int set_times(const char* path, long seconds) {
    struct timespec times[2] = {{seconds, 123456789}, {seconds, 123456789}};
    return utimensat(AT_FDCWD, path, times, 0);
}

static int run(char* line) {
    static char word[16], a[5000], b[5000];
    unsigned long x = 0, y = 0, z = 0;
    a[0] = b[0] = '\0';
    sscanf(line, "%15s %4999s %4999s", word, a, b);
    sscanf(line, "%*s %*s %lu %lu %lu", &x, &y, &z);
    const char* p = a[0] == '/' ? a + 1 : a;
    const char* q = b[0] == '/' ? b + 1 : b;
    if (!strcmp(word, "mkdir")) return mkdir(p, 0755);
    if (!strcmp(word, "create")) {
        int fd = open(p, O_CREAT | O_EXCL | O_WRONLY, 0644);
        return fd < 0 ? -1 : close(fd);
    }
    if (!strcmp(word, "unlink")) return unlink(p);
    if (!strcmp(word, "rmdir")) return rmdir(p);
    if (!strcmp(word, "link")) return link(p, q);
    if (!strcmp(word, "symlink")) return symlink(a, q);
    if (!strcmp(word, "rename")) return rename(p, q);
    if (!strcmp(word, "exchange")) {
        return (int) syscall(SYS_renameat2, AT_FDCWD, p, AT_FDCWD, q, 2);
    }
    if (!strcmp(word, "write")) return write_pattern(p, x, y, z, 0);
    if (!strcmp(word, "check")) return write_pattern(p, x, y, z, 1);
    if (!strcmp(word, "truncate")) return truncate(p, (off_t) x);
    if (!strcmp(word, "node")) return make_node(p, (mode_t) x, (unsigned) y, (unsigned) z);
    if (!strcmp(word, "fsync")) return sync_file(p);
    if (!strcmp(word, "times")) return set_times(p, (long) x);
    if (!strcmp(word, "sync")) {
        sync();
        return 0;
    }
    if (!strcmp(word, "hold")) {
        held[held_count] = open(p, O_RDWR);
        return held[held_count] < 0 ? -1 : (held_count++, 0);
    }
    if (!strcmp(word, "release")) {
        while (held_count > 0) close(held[--held_count]);
        return 0;
    }
    errno = ENOSYS;
    return -1;
}

int main(int count, char** arguments) {
    FILE* script = count == 2 ? fopen(arguments[1], "r") : NULL;
    if (script == NULL) {
        fprintf(stderr, "usage: fs_script SCRIPT\n");
        return 2;
    }
    static char line[12000];
    int done = 0, wrong = 0;
    umask(0022);
    while (fgets(line, sizeof line, script) != NULL) {
        char* operation = strchr(line, ' ') + 1;
        operation[strcspn(operation, "\n")] = '\0';
        int answer = run(operation) == 0 ? 0 : errno;
        if (line[0] == '?') {
            printf("%d %.60s\n", answer, operation);
        } else if (answer != atoi(line)) {
            printf("line %d: %d and not %d: %.200s\n", done + 1, answer, atoi(line), operation);
            wrong++;
        }
        done++;
    }
    printf("%d operations, %d wrong\n", done, wrong);
    return wrong != 0;
}
