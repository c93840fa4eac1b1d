// The printf family into memory and into descriptors.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"

struct string_sink {
    struct text_sink sink;
    char *buf;
    size_t room;  // without the final 0
    size_t used;
};

static void put_to_string(struct text_sink *base, const char *text, size_t size) {
    struct string_sink *sink = (struct string_sink *)base;
    size_t part = size < sink->room - sink->used ? size : sink->room - sink->used;
    memcpy(sink->buf + sink->used, text, part);
    sink->used += part;
}

int vsnprintf(char *buf, size_t size, const char *format, va_list arguments) {
    struct string_sink sink = {{put_to_string}, buf, size > 0 ? size - 1 : 0, 0};
    int count = __format(&sink.sink, format, arguments);
    if (size > 0) buf[sink.used] = 0;
    return count;
}

int snprintf(char *buf, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(buf, size, format, arguments);
    va_end(arguments);
    return count;
}

int vsprintf(char *buf, const char *format, va_list arguments) {
    return vsnprintf(buf, (size_t)-1 >> 1, format, arguments);
}

int sprintf(char *buf, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vsprintf(buf, format, arguments);
    va_end(arguments);
    return count;
}

int vasprintf(char **text, const char *format, va_list arguments) {
    int size = vsnprintf(NULL, 0, format, arguments);
    if (size < 0 || !(*text = malloc((size_t)size + 1))) return -1;
    return vsnprintf(*text, (size_t)size + 1, format, arguments);
}

int asprintf(char **text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vasprintf(text, format, arguments);
    va_end(arguments);
    return count;
}

int vdprintf(int fd, const char *format, va_list arguments) {
    char *text;
    int size = vasprintf(&text, format, arguments);
    if (size < 0) return -1;
    ssize_t written = write(fd, text, (size_t)size);
    free(text);
    return written < 0 ? -1 : (int)written;
}

int dprintf(int fd, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vdprintf(fd, format, arguments);
    va_end(arguments);
    return count;
}
