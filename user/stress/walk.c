// Mounts disks whose contents may be damaged, walks through them, changes something, and unmounts them.
//     walk DISK...        such as vdb vdc
// Each line of standard input has a number for each disk, which chooses the changes, and begins a
// round: all disks at the same time. A line of output for each tells what was seen; "round done" ends
// it. Between rounds nobody uses the disks, and whoever has them may put other contents there.
//
// Odd numbers make a disk writable again whenever damage has made it read-only, and change on.
// What must not be is said in a line with BAD: an error that has nothing to do with a disk, a file
// system that is still writable after it has answered EUCLEAN, one that cannot be unmounted.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_NAMES = 300, MOST_DEPTH = 30, PIECE = 16384, MOST_PIECES = 40 };

static const char *disk;
static unsigned long files, folders, bytes, errors[200];
static int bad;

static unsigned long random_state;
static unsigned long below(unsigned long limit) {
    random_state = random_state * 6364136223846793005ul + 1442695040888963407ul;
    return (random_state >> 33) % limit;
}

// Errors that a damaged disk may lead to; and those of the changes below that make no sense.
static int is_plausible(int error) {
    switch (error) {
    case EIO: case EUCLEAN: case EROFS: case ENOSPC: case ENOENT: case ENOTDIR: case EISDIR:
    case EEXIST: case ENOTEMPTY: case EINVAL: case ELOOP: case EMLINK: case EFBIG: case EPERM:
    case EBUSY: case ENAMETOOLONG: case EOVERFLOW: case ENXIO: case EXDEV: return 1;
    default: return 0;
    }
}

// Counts a call's error; returns whether it succeeded.
static int ok(long result, const char *call, const char *name) {
    if (result >= 0) return 1;
    errors[errno % 200]++;
    if (!is_plausible(errno)) {
        printf("walk %s: BAD: %s of %.40s: %s\n", disk, call, name, strerror(errno));
        bad = 1;
    }
    return 0;
}

// --- reading ---------------------------------------------------------------------------------------

static char *names[MOST_NAMES];  // paths of what was seen, for the changes
static unsigned name_count;

static void remember(const char *path) {
    if (name_count < MOST_NAMES) names[name_count++] = strdup(path);
}

static void read_file(const char *path, off_t size) {
    static char buffer[PIECE];
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (!ok(fd, "open", path)) return;
    for (int i = 0; i < MOST_PIECES; i++) {
        ssize_t count = read(fd, buffer, PIECE);
        if (!ok(count, "read", path) || count == 0) break;
        bytes += (unsigned long)count;
    }
    // Also where its size says that it ends.
    off_t end = size > PIECE ? size - PIECE : 0;
    ok(pread(fd, buffer, PIECE, end), "pread", path);
    close(fd);
}

static void walk(const char *path, int depth) {
    struct stat info;
    char target[5000];
    if (name_count == MOST_NAMES || !ok(lstat(path, &info), "lstat", path)) return;
    remember(path);
    if (S_ISLNK(info.st_mode)) {
        ok(readlink(path, target, sizeof target), "readlink", path);
        ok(stat(path, &info), "stat", path);
    } else if (S_ISREG(info.st_mode)) {
        files++;
        read_file(path, info.st_size);
    } else if (S_ISDIR(info.st_mode) && depth < MOST_DEPTH) {
        DIR *folder = opendir(path);
        if (!ok(folder ? 0 : -1, "opendir", path)) return;
        folders++;
        char inside[4096];
        for (struct dirent *entry; errno = 0, (entry = readdir(folder));) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            int length = snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
            if (length < (int)sizeof inside) walk(inside, depth + 1);
        }
        ok(errno ? -1 : 0, "readdir", path);
        closedir(folder);
    }
}

// --- changing --------------------------------------------------------------------------------------

static void write_some(const char *path) {
    static char buffer[PIECE];
    int fd = open(path, O_WRONLY | O_NONBLOCK);
    if (!ok(fd, "open for writing", path)) return;
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        off_t at = (off_t)below(1 << 20);
        ok(pwrite(fd, buffer, 1 + below(PIECE), at), "pwrite", path);
        if (below(2)) ok(ftruncate(fd, (off_t)below(1 << 20)), "ftruncate", path);
        if (below(2)) ok(fsync(fd), "fsync", path);
    }
    close(fd);
}

static void make_something(const char *folder) {
    char path[5000];
    snprintf(path, sizeof path, "%s/new.%lu", folder, below(1000));
    switch (below(4)) {
    case 0: ok(mkdir(path, 0755), "mkdir", path); break;
    case 1: ok(symlink("a/b/c", path), "symlink", path); break;
    case 2: ok(link(names[below(name_count)], path), "link", path); break;
    default: {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
        if (ok(fd, "create", path)) ok(write(fd, path, strlen(path)), "write", path), close(fd);
    }
    }
}

static int is_kind(const char *path, mode_t kind) {
    struct stat info;
    return lstat(path, &info) == 0 && (info.st_mode & S_IFMT) == kind;
}

static void change_something(void) {
    const char *path = names[below(name_count)], *other = names[below(name_count)];
    switch (below(8)) {
    case 0:
    case 1:
        if (is_kind(path, S_IFREG)) write_some(path);
        break;
    case 2: ok(rename(path, other), "rename", path); break;
    case 3: {
        char moved[5000];
        snprintf(moved, sizeof moved, "%s/moved.%lu", other, below(100));
        ok(rename(path, moved), "rename", path);
        break;
    }
    case 4: ok(unlink(path), "unlink", path); break;
    case 5: ok(rmdir(path), "rmdir", path); break;
    case 6: ok(chmod(path, 0700), "chmod", path); break;
    default: make_something(path);
    }
}

// --- one disk --------------------------------------------------------------------------------------

static unsigned long damage_forgiven;  // answers of EUCLEAN before it was last made writable again

static void make_writable_again(const char *place) {
    if (errors[EUCLEAN] == damage_forgiven) return;
    damage_forgiven = errors[EUCLEAN];
    ok(mount(NULL, place, NULL, MS_REMOUNT, NULL), "remount", place);
}

static void check_read_only(const char *place) {
    struct statfs info;
    char path[100];
    if (errors[EUCLEAN] == damage_forgiven) return;
    snprintf(path, sizeof path, "%s/after", place);
    int fd = statfs(place, &info) < 0 || (info.f_flags & 1) == 0 ? 0 : open(path, O_WRONLY | O_CREAT, 0600);
    if (fd >= 0 || (errno != EROFS && errno != EUCLEAN && errno != EIO)) {
        printf("walk %s: BAD: it is damaged and still writable\n", disk);
        bad = 1;
    }
}

static void unmount(const char *place) {
    if (umount2(place, 0) < 0) {
        printf("walk %s: BAD: it cannot be unmounted: %s\n", disk, strerror(errno));
        bad = 1;
    }
}

static void run_disk(const char *name, unsigned long seed) {
    char device[40], place[40];
    disk = name;
    random_state = seed;
    snprintf(device, sizeof device, "/dev/%s", name);
    snprintf(place, sizeof place, "/tmp/%s", name);
    mkdir(place, 0755);
    int mounted = mount(device, place, "ext2", 0, NULL) == 0;
    if (!mounted) {
        errors[errno % 200]++;
        bad = errno != EUCLEAN && errno != EIO && errno != EINVAL;
    } else {
        walk(place, 0);
        for (int i = 0; i < 60 && name_count > 0; i++) {
            if (seed % 2) make_writable_again(place);
            change_something();
        }
        sync();
        check_read_only(place);
        unmount(place);
    }
    printf("walk %s: seed %lu: %s, %lu folders, %lu files, %lu KiB;", name, seed,
           mounted ? "mounted" : "not mounted", folders, files, bytes / 1024);
    for (int error = 0; error < 200; error++) {
        if (errors[error]) printf(" %d x %s,", (int)errors[error], strerror(error));
    }
    printf("%s\n", bad ? " BAD" : " fine");
    fflush(stdout);
}

// Passes on what the processes of a round say, when each has said it: nothing mixes, also not with the
// kernel's own messages.
static void finish_round(int input) {
    static char said[100000];
    size_t size = 0;
    for (ssize_t more; (more = read(input, said + size, sizeof said - size)) > 0;) size += (size_t)more;
    while (wait(NULL) > 0) continue;
    fwrite(said, 1, size, stdout);
    printf("round done\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    char line[1000];
    int fds[2];
    printf("walk: ready\n");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        char *at = line;
        if (pipe(fds) < 0) return 1;
        for (int i = 1; i < argc; i++) {
            unsigned long seed = strtoul(at, &at, 10);
            if (fork() != 0) continue;
            close(fds[0]);
            dup2(fds[1], 1);
            run_disk(argv[i], seed);
            _exit(0);
        }
        close(fds[1]);
        finish_round(fds[0]);
        close(fds[0]);
    }
    return 0;
}
