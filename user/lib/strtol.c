// Numbers from text: one scanner for all integer functions, and decimal floating point.
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct scanned {
    unsigned long value;
    int negative;
    int overflow;
};

static int digit_value(int c) {
    if (isdigit(c)) return c - '0';
    if (isalpha(c)) return tolower(c) - 'a' + 10;
    return INT_MAX;
}

static struct scanned scan(const char *text, char **end, int base) {
    struct scanned result = {0, 0, 0};
    const char *p = text;
    if (end) *end = (char *)text;
    if (base < 0 || base == 1 || base > 36) {
        errno = EINVAL;
        return result;
    }
    while (isspace((unsigned char)*p)) p++;
    if (*p == '-' || *p == '+') result.negative = *p++ == '-';
    int has_prefix = p[0] == '0' && (p[1] | 0x20) == 'x' && isxdigit((unsigned char)p[2]);
    if ((base == 0 || base == 16) && has_prefix) {
        p += 2;
        base = 16;
    } else if (base == 0) {
        base = *p == '0' ? 8 : 10;
    }
    for (int digit; (digit = digit_value((unsigned char)*p)) < base; p++) {
        if (__builtin_mul_overflow(result.value, (unsigned long)base, &result.value) ||
            __builtin_add_overflow(result.value, (unsigned long)digit, &result.value)) {
            result.overflow = 1;
        }
        if (end) *end = (char *)p + 1;
    }
    return result;
}

long strtol(const char *text, char **end, int base) {
    struct scanned s = scan(text, end, base);
    unsigned long limit = (unsigned long)LONG_MAX + (s.negative ? 1 : 0);
    if (s.overflow || s.value > limit) {
        errno = ERANGE;
        return s.negative ? LONG_MIN : LONG_MAX;
    }
    return (long)(s.negative ? -s.value : s.value);
}

unsigned long strtoul(const char *text, char **end, int base) {
    struct scanned s = scan(text, end, base);
    if (s.overflow) {
        errno = ERANGE;
        return ULONG_MAX;
    }
    return s.negative ? -s.value : s.value;
}

long long strtoll(const char *text, char **end, int base) {
    return strtol(text, end, base);
}

unsigned long long strtoull(const char *text, char **end, int base) {
    return strtoul(text, end, base);
}

intmax_t strtoimax(const char *text, char **end, int base) {
    return strtol(text, end, base);
}

uintmax_t strtoumax(const char *text, char **end, int base) {
    return strtoul(text, end, base);
}

int atoi(const char *text) {
    return (int)strtol(text, NULL, 10);
}

long atol(const char *text) {
    return strtol(text, NULL, 10);
}

long long atoll(const char *text) {
    return strtol(text, NULL, 10);
}

static double scale(double value, int exponent) {
    double power = 10;
    unsigned left = exponent < 0 ? -(unsigned)exponent : (unsigned)exponent;
    double factor = 1;
    while (left > 0) {
        if (left & 1) factor *= power;
        power *= power;
        left >>= 1;
    }
    return exponent < 0 ? value / factor : value * factor;
}

// Exact where the digits fit 53 bits and the power of ten is at most 22; elsewhere the last bit
// may be off.
double strtod(const char *text, char **end) {
    const char *p = text, *after = text;
    while (isspace((unsigned char)*p)) p++;
    int negative = *p == '-';
    if (*p == '-' || *p == '+') p++;
    unsigned long digits = 0;
    int exponent = 0, seen_point = 0;
    for (;; p++) {
        if (*p == '.' && !seen_point) {
            seen_point = 1;
            continue;
        }
        if (!isdigit((unsigned char)*p)) break;
        after = p + 1;
        if (digits < ULONG_MAX / 10 - 1) {
            digits = digits * 10 + (unsigned long)(*p - '0');
            exponent -= seen_point;
        } else {
            exponent += !seen_point;
        }
    }
    if (after != text && p[-1] == '.' && after == p - 1) after = p;
    if (after != text && (*p == 'e' || *p == 'E')) {
        char *exponent_end;
        int sign_length = p[1] == '-' || p[1] == '+';
        if (isdigit((unsigned char)p[1 + sign_length])) {
            long given = strtol(p + 1, &exponent_end, 10);
            if (given > 5000) given = 5000;
            if (given < -5000) given = -5000;
            exponent += (int)given;
            after = exponent_end;
        }
    }
    if (end) *end = (char *)after;
    double value = digits == 0 ? 0.0 : scale((double)digits, exponent);
    return negative ? -value : value;
}

double atof(const char *text) {
    return strtod(text, NULL);
}
