// Streams: writing bytes, strings and formatted text.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"
#include "stream.h"

int __stream_drain(FILE *file) {
    size_t done = 0;
    while (done < file->pos) {
        ssize_t written = write(file->fd, file->buf + done, file->pos - done);
        if (written < 0) {
            if (errno == EINTR) continue;
            file->failed = 1;
            file->pos = 0;  // lost: the error has been reported
            return EOF;
        }
        done += (size_t)written;
    }
    file->pos = 0;
    return 0;
}

int __stream_write_begin(FILE *file) {
    if (!file->writable) {
        errno = EBADF;
        file->failed = 1;
        return -1;
    }
    if (!file->writing) {
        fflush(file);
        file->writing = 1;
        file->pos = file->end = 0;
    }
    if (file->mode == STREAM_MODE_UNKNOWN) {
        int saved = errno;
        file->mode = isatty(file->fd) ? _IOLBF : _IOFBF;
        errno = saved;
    }
    if (!file->buf) {
        file->buf = malloc(BUFSIZ);
        if (!file->buf) {
            file->failed = 1;
            return -1;
        }
        file->owns_buf = 1;
        file->size = BUFSIZ;
    }
    return 0;
}

// Takes bytes into the buffer, passing on what does not fit. Returns how many were taken.
static size_t hold(FILE *file, const char *text, size_t size) {
    size_t done = 0;
    while (done < size) {
        if (file->pos == file->size && __stream_drain(file) == EOF) return done;
        size_t room = file->size - file->pos;
        size_t part = size - done < room ? size - done : room;
        memcpy(file->buf + file->pos, text + done, part);
        file->pos += part;
        done += part;
    }
    return done;
}

// At the end of one call of the library: what must not wait goes out now.
static int settle(FILE *file) {
    if (file->mode == _IONBF) return __stream_drain(file);
    if (file->mode == _IOLBF && memrchr(file->buf, '\n', file->pos)) return __stream_drain(file);
    return 0;
}

size_t fwrite(const void *buf, size_t size, size_t count, FILE *file) {
    if (size == 0 || count == 0 || __stream_write_begin(file) < 0) return 0;
    size_t taken = hold(file, buf, size * count);
    if (settle(file) == EOF) return 0;
    return taken / size;
}

int fputc(int c, FILE *file) {
    // The common case is one store.
    if (file->writing && file->mode == _IOFBF && file->pos < file->size) {
        file->buf[file->pos++] = (unsigned char)c;
        return (unsigned char)c;
    }
    char byte = (char)c;
    return fwrite(&byte, 1, 1, file) == 1 ? (unsigned char)c : EOF;
}

int putc(int c, FILE *file) {
    return fputc(c, file);
}

int putchar(int c) {
    return fputc(c, stdout);
}

int fputs(const char *text, FILE *file) {
    size_t length = strlen(text);
    return length == 0 || fwrite(text, 1, length, file) == length ? 1 : EOF;
}

int puts(const char *text) {
    if (__stream_write_begin(stdout) < 0) return EOF;
    hold(stdout, text, strlen(text));
    hold(stdout, "\n", 1);
    return settle(stdout) == EOF || stdout->failed ? EOF : 1;
}

struct stream_sink {
    struct text_sink sink;
    FILE *file;
};

static void put_to_stream(struct text_sink *sink, const char *text, size_t size) {
    hold(((struct stream_sink *)sink)->file, text, size);
}

int vfprintf(FILE *file, const char *format, va_list arguments) {
    struct stream_sink sink = {{put_to_stream}, file};
    if (__stream_write_begin(file) < 0) return -1;
    int failed_before = file->failed;
    int count = __format(&sink.sink, format, arguments);
    if (settle(file) == EOF || (file->failed && !failed_before)) return -1;
    return count;
}

int fprintf(FILE *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vfprintf(file, format, arguments);
    va_end(arguments);
    return count;
}

int vprintf(const char *format, va_list arguments) {
    return vfprintf(stdout, format, arguments);
}

int printf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vfprintf(stdout, format, arguments);
    va_end(arguments);
    return count;
}

void perror(const char *text) {
    int error = errno;
    if (text && *text) fprintf(stderr, "%s: ", text);
    fprintf(stderr, "%s\n", strerror(error));
}
