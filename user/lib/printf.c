// The formatter behind the printf family: d i u x X o c s p n m % and e f g, with flags, width,
// precision (also by *) and the lengths hh h l ll z j t. Text goes piece by piece to a text_sink.
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"

enum length { LENGTH_CHAR, LENGTH_SHORT, LENGTH_INT, LENGTH_LONG };

struct formatter {
    struct text_sink *sink;
    size_t count;  // bytes put so far
    struct conversion conversion;
    enum length length;
};

static void put(struct formatter *f, const char *text, size_t size) {
    if (size > 0) f->sink->put(f->sink, text, size);
    f->count += size;
}

static void pad(struct formatter *f, char c, int width) {
    char chunk[32];
    memset(chunk, c, sizeof(chunk));
    for (; width > 0; width -= (int)sizeof(chunk)) {
        put(f, chunk, width < (int)sizeof(chunk) ? (size_t)width : sizeof(chunk));
    }
}

// One converted item: prefix (sign or 0x), `zeros` zeros, text; padded to the width.
static void put_item(struct formatter *f, const char *prefix, int zeros, const char *text,
                     size_t size) {
    const struct conversion *c = &f->conversion;
    size_t prefix_size = strlen(prefix);
    int missing = c->width - (int)prefix_size - zeros - (int)size;
    if (!c->left && !c->zero) pad(f, ' ', missing);
    put(f, prefix, prefix_size);
    if (!c->left && c->zero) pad(f, '0', missing);
    pad(f, '0', zeros);
    put(f, text, size);
    if (c->left) pad(f, ' ', missing);
}

static void put_string(struct formatter *f, const char *text) {
    if (!text) text = "(null)";
    int precision = f->conversion.precision;
    f->conversion.zero = 0;
    put_item(f, "", 0, text, precision < 0 ? strlen(text) : strnlen(text, (size_t)precision));
}

static const char *sign(const struct conversion *c, int negative) {
    return negative ? "-" : c->plus ? "+" : c->space ? " " : "";
}

static void put_unsigned(struct formatter *f, unsigned long value, unsigned base,
                         const char *prefix) {
    struct conversion *c = &f->conversion;
    char digits[24];
    char *p = digits + sizeof(digits);
    const char *alphabet = c->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    for (unsigned long rest = value; rest > 0; rest /= base) *--p = alphabet[rest % base];
    int size = (int)(digits + sizeof(digits) - p);
    // Zero has one digit, unless a precision of 0 asks for none.
    int wanted = c->precision < 0 ? 1 : c->precision;
    if (c->letter == 'o' && c->alternate && wanted <= size) wanted = size + 1;
    if (c->precision >= 0) c->zero = 0;
    put_item(f, prefix, wanted > size ? wanted - size : 0, p, (size_t)size);
}

static long signed_argument(enum length length, va_list *arguments) {
    long value = length == LENGTH_LONG ? va_arg(*arguments, long) : va_arg(*arguments, int);
    if (length == LENGTH_CHAR) return (signed char)value;
    if (length == LENGTH_SHORT) return (short)value;
    return value;
}

static unsigned long unsigned_argument(enum length length, va_list *arguments) {
    if (length == LENGTH_LONG) return va_arg(*arguments, unsigned long);
    unsigned value = va_arg(*arguments, unsigned);
    if (length == LENGTH_CHAR) return (unsigned char)value;
    if (length == LENGTH_SHORT) return (unsigned short)value;
    return value;
}

static void put_double(struct formatter *f, double value) {
    struct conversion *c = &f->conversion;
    int negative = __builtin_signbit(value) != 0;
    const char *special = value != value ? "nan" : __builtin_isinf(value) ? "inf" : NULL;
    if (special) {
        c->zero = 0;
        put_item(f, sign(c, negative), 0, special, 3);
        return;
    }
    char text[DOUBLE_TEXT_MAX];
    int size = __double_text(text, negative ? -value : value, c);
    put_item(f, sign(c, negative), 0, text, (size_t)size);
}

static const char *parse_flags(const char *p, struct conversion *c) {
    for (;; p++) {
        switch (*p) {
        case '-': c->left = 1; break;
        case '0': c->zero = 1; break;
        case '+': c->plus = 1; break;
        case ' ': c->space = 1; break;
        case '#': c->alternate = 1; break;
        default: return p;
        }
    }
}

static const char *parse_count(const char *p, int *number, va_list *arguments) {
    if (*p == '*') {
        *number = va_arg(*arguments, int);
        return p + 1;
    }
    for (*number = 0; *p >= '0' && *p <= '9'; p++) *number = *number * 10 + (*p - '0');
    return p;
}

static const char *parse_length(const char *p, enum length *length) {
    *length = LENGTH_INT;
    for (;; p++) {
        switch (*p) {
        case 'h': *length = *length == LENGTH_SHORT ? LENGTH_CHAR : LENGTH_SHORT; break;
        case 'l':
        case 'z':
        case 'j':
        case 't': *length = LENGTH_LONG; break;
        default: return p;
        }
    }
}

// What stands between '%' and the letter.
static const char *parse_conversion(const char *p, struct formatter *f, va_list *arguments) {
    struct conversion *c = &f->conversion;
    *c = (struct conversion){.precision = -1};
    p = parse_flags(p, c);
    p = parse_count(p, &c->width, arguments);
    if (c->width < 0) {
        c->left = 1;
        c->width = -c->width;
    }
    if (*p == '.') p = parse_count(p + 1, &c->precision, arguments);
    p = parse_length(p, &f->length);
    c->letter = *p;
    return p;
}

static void convert(struct formatter *f, va_list *arguments, int saved_errno) {
    struct conversion *c = &f->conversion;
    switch (c->letter) {
    case 'd':
    case 'i': {
        long value = signed_argument(f->length, arguments);
        unsigned long magnitude = value < 0 ? -(unsigned long)value : (unsigned long)value;
        put_unsigned(f, magnitude, 10, sign(c, value < 0));
        return;
    }
    case 'u': put_unsigned(f, unsigned_argument(f->length, arguments), 10, ""); return;
    case 'o': put_unsigned(f, unsigned_argument(f->length, arguments), 8, ""); return;
    case 'x':
    case 'X': {
        unsigned long value = unsigned_argument(f->length, arguments);
        const char *prefix = c->letter == 'x' ? "0x" : "0X";
        put_unsigned(f, value, 16, c->alternate && value ? prefix : "");
        return;
    }
    case 'p': {
        unsigned long value = (unsigned long)va_arg(*arguments, void *);
        if (value) put_unsigned(f, value, 16, "0x");
        else put_string(f, "(nil)");
        return;
    }
    case 'c': {
        char byte = (char)va_arg(*arguments, int);
        c->zero = 0;
        put_item(f, "", 0, &byte, 1);
        return;
    }
    case 's': put_string(f, va_arg(*arguments, const char *)); return;
    case 'm': put_string(f, strerror(saved_errno)); return;
    case 'n': *va_arg(*arguments, int *) = (int)f->count; return;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': put_double(f, va_arg(*arguments, double)); return;
    case '%': put(f, "%", 1); return;
    default:
        put(f, "%", 1);
        put(f, &c->letter, 1);
        return;  // shown as it stands
    }
}

int __format(struct text_sink *sink, const char *format, va_list arguments) {
    struct formatter f = {.sink = sink};
    int saved_errno = errno;
    va_list rest;
    va_copy(rest, arguments);
    while (*format) {
        size_t plain = strcspn(format, "%");
        put(&f, format, plain);
        format += plain;
        if (*format == 0) break;
        format = parse_conversion(format + 1, &f, &rest);
        if (*format == 0) break;
        convert(&f, &rest, saved_errno);
        format++;
    }
    va_end(rest);
    return f.count > INT_MAX ? -1 : (int)f.count;
}
