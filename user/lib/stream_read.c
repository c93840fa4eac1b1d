// Streams: reading bytes, lines and blocks.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stream.h"

int __stream_read_begin(FILE *file) {
    if (!file->readable) {
        errno = EBADF;
        file->failed = 1;
        return -1;
    }
    if (file->writing) {
        if (__stream_drain(file) == EOF) return -1;
        file->writing = 0;
        file->pos = file->end = 0;
    }
    if (!file->buf) {
        // Unbuffered streams read byte by byte through the room for ungetc.
        size_t size = file->mode == _IONBF ? UNGET_MAX + 1 : BUFSIZ;
        file->buf = malloc(size);
        if (!file->buf) {
            file->failed = 1;
            return -1;
        }
        file->owns_buf = 1;
        file->size = size;
    }
    return 0;
}

size_t __stream_fill(FILE *file) {
    // The end stays the end until clearerr: a terminal would wait for another line.
    if (file->at_end) return 0;
    // Who reads from a terminal wants to see the question first.
    if (file == stdin && stdout->mode == _IOLBF) fflush(stdout);
    ssize_t size = read(file->fd, file->buf + UNGET_MAX, file->size - UNGET_MAX);
    file->pos = file->end = UNGET_MAX;
    if (size < 0) file->failed = 1;
    if (size == 0) file->at_end = 1;
    if (size > 0) file->end += (size_t)size;
    return size > 0 ? (size_t)size : 0;
}

int fgetc(FILE *file) {
    if (file->writing || file->pos == file->end) {
        if (__stream_read_begin(file) < 0) return EOF;
        if (file->pos == file->end && __stream_fill(file) == 0) return EOF;
    }
    return file->buf[file->pos++];
}

int getc(FILE *file) {
    return fgetc(file);
}

int getchar(void) {
    return fgetc(stdin);
}

int ungetc(int c, FILE *file) {
    if (c == EOF || __stream_read_begin(file) < 0) return EOF;
    if (file->pos == file->end) file->pos = file->end = UNGET_MAX;
    if (file->pos == 0) return EOF;
    file->buf[--file->pos] = (unsigned char)c;
    file->at_end = 0;
    return (unsigned char)c;
}

size_t fread(void *buf, size_t size, size_t count, FILE *file) {
    size_t wanted = size * count, got = 0;
    if (wanted == 0 || __stream_read_begin(file) < 0) return 0;
    while (got < wanted) {
        size_t held = file->end - file->pos;
        if (held == 0 && !file->at_end && wanted - got >= file->size) {
            // What fills a whole buffer needs none.
            ssize_t direct = read(file->fd, (char *)buf + got, wanted - got);
            if (direct == 0) file->at_end = 1;
            if (direct < 0) file->failed = 1;
            if (direct <= 0) break;
            got += (size_t)direct;
            continue;
        }
        if (held == 0 && (held = __stream_fill(file)) == 0) break;
        if (held > wanted - got) held = wanted - got;
        memcpy((char *)buf + got, file->buf + file->pos, held);
        file->pos += held;
        got += held;
    }
    return got / size;
}

char *fgets(char *buf, int size, FILE *file) {
    if (size <= 0 || __stream_read_begin(file) < 0) return NULL;
    size_t room = (size_t)size - 1, used = 0;
    while (room > 0) {
        size_t held = file->end - file->pos;
        if (held == 0 && (held = __stream_fill(file)) == 0) break;
        if (held > room) held = room;
        unsigned char *start = file->buf + file->pos;
        unsigned char *newline = memchr(start, '\n', held);
        if (newline) held = (size_t)(newline - start) + 1;
        memcpy(buf + used, start, held);
        file->pos += held;
        used += held;
        room -= held;
        if (newline) break;
    }
    if (used == 0) return NULL;  // and the buffer as it was
    buf[used] = 0;
    int cut_short = file->failed && buf[used - 1] != '\n';
    return cut_short ? NULL : buf;
}

// Makes room for `needed` bytes in *line; 0 or -1.
static int grow_line(char **line, size_t *size, size_t needed) {
    if (*line && *size >= needed) return 0;
    size_t grown = *line && *size * 2 > needed ? *size * 2 : needed < 128 ? 128 : needed;
    char *moved = realloc(*line, grown);
    if (!moved) return -1;
    *line = moved;
    *size = grown;
    return 0;
}

ssize_t getdelim(char **line, size_t *size, int delimiter, FILE *file) {
    if (__stream_read_begin(file) < 0) return -1;
    size_t used = 0;
    for (;;) {
        size_t held = file->end - file->pos;
        if (held == 0 && (held = __stream_fill(file)) == 0) break;
        unsigned char *start = file->buf + file->pos;
        unsigned char *found = memchr(start, delimiter, held);
        if (found) held = (size_t)(found - start) + 1;
        if (grow_line(line, size, used + held + 1) < 0) {
            file->failed = 1;
            return -1;
        }
        memcpy(*line + used, start, held);
        file->pos += held;
        used += held;
        if (found) break;
    }
    if (used == 0) return -1;
    (*line)[used] = 0;
    return (ssize_t)used;
}

ssize_t getline(char **line, size_t *size, FILE *file) {
    return getdelim(line, size, '\n', file);
}
