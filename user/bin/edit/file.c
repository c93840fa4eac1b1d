// Files. Saving writes a new file first and renames it over the old one, so that at every moment, also
// when the disk is full or the machine loses power, one of the two is there in whole.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit.h"
#include "util.h"

#define PIECE 65536

char *file_name;
static struct stat on_disk;  // as it was read or saved; st_ino 0: there was none

static int load(int fd) {
    char *piece = need_memory(NULL, PIECE);
    struct place end = {0, 0};
    ssize_t size;
    while ((size = read(fd, piece, PIECE)) > 0) end = insert_bytes(end, piece, (size_t)size);
    free(piece);
    return size < 0 ? -1 : 0;
}

int read_file(const char *name) {
    struct stat st;
    file_name = need_copy(name);
    text_start();
    int fd = open(name, O_RDONLY | O_NONBLOCK);
    if (fd < 0) return errno == ENOENT ? 0 : -1;
    int result = fstat(fd, &st);
    if (result == 0 && !S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        result = -1;
    }
    if (result == 0) result = load(fd);
    int error = errno;
    close(fd);
    errno = error;
    on_disk = st;
    mark_saved();
    return result;
}

static int is_same_file(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int file_has_changed(void) {
    struct stat st;
    if (stat(file_name, &st) != 0) return 0;  // it is gone: saving makes it anew
    return !is_same_file(&st, &on_disk);
}

// Many lines with one call; no memory is asked for, as there may be none.
static int write_text(int fd) {
    static char piece[8192];
    size_t used = 0;
    for (size_t i = 0; i < text.count; i++) {
        const struct line *line = &text.lines[i];
        size_t size = line->size + (i + 1 < text.count);
        if (used + size > sizeof piece) {
            if (write_all(fd, piece, used) != 0) return -1;
            used = 0;
        }
        if (size > sizeof piece) {
            if (write_all(fd, line->text, line->size) != 0) return -1;
        } else if (line->size > 0) {
            memcpy(piece + used, line->text, line->size);
            used += line->size;
        }
        if (i + 1 < text.count) piece[used++] = '\n';
    }
    return write_all(fd, piece, used);
}

// Where the name leads to: a link stays one.
static void real_name(char path[PATH_MAX]) {
    if (!realpath(file_name, path)) snprintf(path, PATH_MAX, "%s", file_name);
}

static int write_new_file(int fd, const struct stat *old) {
    mode_t mask = umask(0);
    umask(mask);
    mode_t mode = old ? old->st_mode & 07777 : 0666 & ~mask;
    // Owner first: changing it may take the set-user-ID bit away.
    if (old && fchown(fd, old->st_uid, old->st_gid) != 0 && errno != EPERM) return -1;
    if (write_text(fd) != 0 || fchmod(fd, mode) != 0) return -1;
    return fsync(fd);
}

int save_file(void) {
    char path[PATH_MAX], fresh[PATH_MAX + 16];
    const char *slash;
    struct stat st;
    real_name(path);
    int exists = stat(path, &st) == 0;
    if (exists && !S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
        return -1;
    }
    if (exists && access(path, W_OK) != 0) return -1;
    slash = strrchr(path, '/');
    snprintf(fresh, sizeof fresh, "%.*s.edit.XXXXXX", slash ? (int)(slash + 1 - path) : 0, path);
    int fd = mkstemp(fresh);
    if (fd < 0) return -1;
    int result = write_new_file(fd, exists ? &st : NULL);
    if (close(fd) != 0) result = -1;
    if (result == 0) result = rename(fresh, path);
    if (result != 0) {
        int error = errno;
        unlink(fresh);
        errno = error;
        return -1;
    }
    if (stat(path, &on_disk) != 0) on_disk.st_ino = 0;
    mark_saved();
    return 0;
}

const char *save_in_emergency(void) {
    static char path[PATH_MAX];
    int fd = -1;
    for (int i = 0; i < 100 && fd < 0 && (i == 0 || errno == EEXIST); i++) {
        snprintf(path, sizeof path, i ? "%s.save.%d" : "%s.save", file_name ? file_name : "edit",
                 i);
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    }
    if (fd < 0) return NULL;
    int result = write_text(fd);
    if (close(fd) != 0 || result != 0) return NULL;
    return path;
}
