// Streams: opening, closing, buffers, positions. Reading is in stream_read.c, writing in
// stream_write.c. A program has one thread, so streams have no locks.
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct goose_file standard[3] = {
    {.fd = 0, .mode = STREAM_MODE_UNKNOWN, .readable = 1, .next = &standard[1]},
    {.fd = 1, .mode = STREAM_MODE_UNKNOWN, .writable = 1, .next = &standard[2]},
    {.fd = 2, .mode = _IONBF, .writable = 1},
};

FILE *const stdin = &standard[0];
FILE *const stdout = &standard[1];
FILE *const stderr = &standard[2];
FILE *__open_streams = &standard[0];

// "r+", "we", "ax" ... to the flags of open; -1 if there is no such mode.
static int open_flags(const char *mode) {
    int plus = strchr(mode, '+') != NULL;
    int access = plus ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
    int extra = (strchr(mode, 'e') ? O_CLOEXEC : 0) | (strchr(mode, 'x') ? O_EXCL : 0);
    switch (*mode) {
        case 'r': return access | extra;
        case 'w': return access | extra | O_CREAT | O_TRUNC;
        case 'a': return access | extra | O_CREAT | O_APPEND;
        default: errno = EINVAL; return -1;
    }
}

static void set_stream(FILE *file, int fd, int flags) {
    int access = flags & O_ACCMODE;
    file->fd = fd;
    file->readable = access != O_WRONLY;
    file->writable = access != O_RDONLY;
    file->writing = file->at_end = file->failed = 0;
    file->pos = file->end = 0;
}

static FILE *new_stream(int fd, int flags) {
    FILE *file = calloc(1, sizeof(FILE));
    if (!file) return NULL;
    set_stream(file, fd, flags);
    file->mode = STREAM_MODE_UNKNOWN;
    file->owns_file = 1;
    file->next = __open_streams;
    __open_streams = file;
    return file;
}

FILE *fdopen(int fd, const char *mode) {
    int flags = open_flags(mode);
    return flags < 0 ? NULL : new_stream(fd, flags);
}

FILE *fopen(const char *path, const char *mode) {
    int flags = open_flags(mode);
    if (flags < 0) return NULL;
    int fd = open(path, flags, 0666);
    if (fd < 0) return NULL;
    FILE *file = new_stream(fd, flags);
    if (!file) close(fd);
    return file;
}

FILE *freopen(const char *path, const char *mode, FILE *file) {
    fflush(file);
    int flags = open_flags(mode);
    int fd = flags < 0 ? -1 : open(path, flags, 0666);
    if (fd < 0) return NULL;
    if (file->fd >= 0 && fd != file->fd) {  // keep the number: others may know it
        dup3(fd, file->fd, flags & O_CLOEXEC);
        close(fd);
        fd = file->fd;
    }
    set_stream(file, fd, flags);
    return file;
}

int fclose(FILE *file) {
    int result = fflush(file);
    for (FILE **link = &__open_streams; *link; link = &(*link)->next) {
        if (*link != file) continue;
        *link = file->next;
        break;
    }
    if (close(file->fd) < 0) result = EOF;
    file->fd = -1;
    file->readable = file->writable = 0;
    if (file->owns_buf) free(file->buf);
    file->buf = NULL;
    if (file->owns_file) free(file);
    return result;
}

// Bytes read ahead are given back to the file, where it has a position, so that another reader of
// the descriptor goes on where this one stopped.
static void give_back(FILE *file) {
    if (file->end > file->pos) lseek(file->fd, -(off_t)(file->end - file->pos), SEEK_CUR);
    file->pos = file->end = 0;
}

int fflush(FILE *file) {
    if (!file) {
        int result = 0;
        for (file = __open_streams; file; file = file->next) {
            if (file->writing && __stream_drain(file) == EOF) result = EOF;
        }
        return result;
    }
    if (file->writing) return __stream_drain(file);
    int saved = errno;
    give_back(file);
    errno = saved;
    return 0;
}

void __stdio_exit(void) {
    for (FILE *file = __open_streams; file; file = file->next) fflush(file);
}

int setvbuf(FILE *file, char *buf, int mode, size_t size) {
    if (mode < _IOFBF || mode > _IONBF || fflush(file) == EOF) return -1;
    if (file->owns_buf) free(file->buf);
    file->owns_buf = 0;
    file->mode = mode;
    int usable = buf && size > UNGET_MAX && mode != _IONBF;
    file->buf = usable ? (unsigned char *)buf : NULL;
    file->size = usable ? size : 0;
    return 0;
}

void setbuf(FILE *file, char *buf) {
    setvbuf(file, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

void setlinebuf(FILE *file) {
    setvbuf(file, NULL, _IOLBF, 0);
}

int fileno(FILE *file) {
    return file->fd;
}

int feof(FILE *file) {
    return file->at_end;
}

int ferror(FILE *file) {
    return file->failed;
}

void clearerr(FILE *file) {
    file->at_end = file->failed = 0;
}

int fseeko(FILE *file, off_t offset, int whence) {
    if (fflush(file) == EOF || lseek(file->fd, offset, whence) < 0) return -1;
    file->at_end = 0;
    return 0;
}

int fseek(FILE *file, long offset, int whence) {
    return fseeko(file, offset, whence);
}

off_t ftello(FILE *file) {
    off_t position = lseek(file->fd, 0, SEEK_CUR);
    if (position < 0) return -1;
    if (file->writing) return position + (off_t)file->pos;
    return position - (off_t)(file->end - file->pos);
}

long ftell(FILE *file) {
    return ftello(file);
}

void rewind(FILE *file) {
    fseeko(file, 0, SEEK_SET);
    clearerr(file);
}
