// sscanf: d i u o x s c [...] n %, with *, width and the lengths hh h l ll z j t.
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct directive {
    int suppress;  // '*'
    int width;     // 0: not given
    int size;      // bytes of the integer to store
    char letter;
    const char *set, *set_end;  // of %[
    int inverted;
};

static const char *parse_directive(const char *p, struct directive *d) {
    *d = (struct directive){.size = 4};
    if (*p == '*') d->suppress = *p++ == '*';
    while (isdigit((unsigned char)*p)) d->width = d->width * 10 + (*p++ - '0');
    for (;; p++) {
        if (*p == 'h') d->size = d->size == 2 ? 1 : 2;
        else if (*p && strchr("lzjt", *p)) d->size = 8;
        else break;
    }
    d->letter = *p;
    if (*p == '[') {
        p++;
        if (*p == '^') d->inverted = *p++ == '^';
        d->set = p;
        if (*p == ']') p++;
        while (*p && *p != ']') p++;
        d->set_end = p;
    }
    return *p ? p + 1 : p;
}

static int in_set(const struct directive *d, char c) {
    if (d->letter == 's') return !isspace((unsigned char)c);
    if (d->letter == 'c') return 1;
    int found = 0;
    for (const char *p = d->set; p < d->set_end && !found; p++) {
        if (p + 2 < d->set_end && p[1] == '-') {
            found = c >= p[0] && c <= p[2];
            p += 2;
        } else {
            found = c == *p;
        }
    }
    return found != d->inverted;
}

static void store(void *target, long value, int size) {
    memcpy(target, &value, (size_t)size);  // little-endian
}

// Both return the text behind what they took, or NULL if nothing fits.
static const char *take_integer(const char *text, const struct directive *d, va_list *arguments) {
    int base = d->letter == 'x' || d->letter == 'X' ? 16
               : d->letter == 'o'                   ? 8
               : d->letter == 'i'                   ? 0
                                                    : 10;
    char limited[72];
    size_t room = sizeof(limited);
    if (d->width > 0 && d->width + 1ul < room) room = d->width + 1ul;
    strlcpy(limited, text, room);
    char *end;
    int is_signed = d->letter == 'd' || d->letter == 'i';
    long value = is_signed ? strtol(limited, &end, base) : (long)strtoul(limited, &end, base);
    if (end == limited) return NULL;
    if (!d->suppress) store(va_arg(*arguments, void *), value, d->size);
    return text + (end - limited);
}

static const char *take_text(const char *text, const struct directive *d, va_list *arguments) {
    int width = d->width ? d->width : d->letter == 'c' ? 1 : INT_MAX;
    int length = 0;
    while (length < width && text[length] && in_set(d, text[length])) length++;
    if (length == 0 || (d->letter == 'c' && length < width)) return NULL;
    if (!d->suppress) {
        char *target = va_arg(*arguments, char *);
        memcpy(target, text, (size_t)length);
        if (d->letter != 'c') target[length] = 0;
    }
    return text + length;
}

int vsscanf(const char *text, const char *format, va_list arguments) {
    const char *start = text;
    int stored = 0;
    va_list rest;
    va_copy(rest, arguments);
    while (*format) {
        if (isspace((unsigned char)*format)) {
            while (isspace((unsigned char)*text)) text++;
            format++;
            continue;
        }
        if (*format != '%') {
            if (*text != *format) break;
            text++;
            format++;
            continue;
        }
        struct directive d;
        format = parse_directive(format + 1, &d);
        if (d.letter == 'n') {
            store(va_arg(rest, void *), text - start, d.size);
            continue;
        }
        if (d.letter != 'c' && d.letter != '[') {
            while (isspace((unsigned char)*text)) text++;
        }
        if (*text == 0) {
            if (stored == 0) stored = EOF;
            break;
        }
        if (d.letter == '%') {
            if (*text++ != '%') break;
            continue;
        }
        int is_text = d.letter == 's' || d.letter == 'c' || d.letter == '[';
        const char *after = is_text ? take_text(text, &d, &rest) : take_integer(text, &d, &rest);
        if (!after) break;
        text = after;
        stored += !d.suppress;
    }
    va_end(rest);
    return stored;
}

int sscanf(const char *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int stored = vsscanf(text, format, arguments);
    va_end(arguments);
    return stored;
}
