// Directories: the kernel fills a buffer with records, readdir hands them out one by one. A record
// is a struct dirent that ends early, so readdir returns pointers into the buffer.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIR_BUFFER 4096

struct goose_dir {
    int fd;
    size_t next;  // of the record to return next
    size_t end;
    long position;  // d_off of the record returned last
    char buf[DIR_BUFFER] __attribute__((aligned(8)));
};

DIR *fdopendir(int fd) {
    DIR *dir = malloc(sizeof(DIR));
    if (!dir) return NULL;
    dir->fd = fd;
    dir->next = dir->end = 0;
    dir->position = 0;
    return dir;
}

DIR *opendir(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return NULL;
    DIR *dir = fdopendir(fd);
    if (!dir) close(fd);
    return dir;
}

struct dirent *readdir(DIR *dir) {
    if (dir->next == dir->end) {
        ssize_t size = getdents64(dir->fd, dir->buf, sizeof(dir->buf));
        if (size <= 0) return NULL;
        dir->next = 0;
        dir->end = (size_t)size;
    }
    struct dirent *entry = (struct dirent *)(dir->buf + dir->next);
    dir->next += entry->d_reclen;
    dir->position = entry->d_off;
    return entry;
}

long telldir(DIR *dir) {
    return dir->position;
}

void seekdir(DIR *dir, long position) {
    lseek(dir->fd, position, SEEK_SET);
    dir->next = dir->end = 0;
    dir->position = position;
}

void rewinddir(DIR *dir) {
    seekdir(dir, 0);
}

int dirfd(DIR *dir) {
    return dir->fd;
}

int closedir(DIR *dir) {
    int fd = dir->fd;
    free(dir);
    return close(fd);
}

int alphasort(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

// The record may end right behind its name: not all of a struct dirent is there to copy.
static struct dirent *copy_entry(const struct dirent *entry) {
    struct dirent *copy = malloc(sizeof(*copy));
    if (copy) memcpy(copy, entry, offsetof(struct dirent, d_name) + strlen(entry->d_name) + 1);
    return copy;
}

int scandir(const char *path, struct dirent ***list, int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **)) {
    DIR *dir = opendir(path);
    if (!dir) return -1;
    struct dirent **found = NULL;
    int count = 0;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (filter && !filter(entry)) continue;
        struct dirent **grown = realloc(found, (size_t)(count + 1) * sizeof(*found));
        if (grown) found = grown;
        if (!grown || !(found[count] = copy_entry(entry))) break;
        count++;
    }
    int error = errno;
    closedir(dir);
    if (error != 0) {
        while (count > 0) free(found[--count]);
        free(found);
        errno = error;
        return -1;
    }
    typedef int (*comparison)(const void *, const void *);
    if (compare && count > 1) qsort(found, (size_t)count, sizeof(*found), (comparison)compare);
    *list = found;
    return count;
}
