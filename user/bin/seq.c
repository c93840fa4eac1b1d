// seq: prints numbers from one to another. Decimal fractions are counted as whole numbers of their
// smallest unit: exact, and without floating point.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "seq",
    "Usage: seq [-w] [-s TEXT] [FIRST [STEP]] LAST\n"
    "Print the numbers from FIRST (1) to LAST in steps of STEP (1).\n\n"
    "  -s TEXT  TEXT between the numbers instead of a newline\n"
    "  -w       all equally wide, with zeros in front\n",
    1};

static int decimals_of(const char *text) {
    const char *point = strchr(text, '.');
    return point ? strlen(point + 1) : 0;
}

// "-1.5" in units of 10^-decimals.
static long long parse_scaled(const char *text, int decimals) {
    const char *p = text + (*text == '-' || *text == '+');
    long long value = 0;
    int digits = 0, behind = -1;  // behind the point, once there was one
    for (; isdigit((unsigned char)*p) || (*p == '.' && behind < 0); p++) {
        if (*p == '.') {
            behind = 0;
            continue;
        }
        if (behind >= decimals)  // LAST may have more digits than are printed
            continue;
        behind += behind >= 0;
        digits++;
        if (__builtin_mul_overflow(value, 10LL, &value) ||
            __builtin_add_overflow(value, (long long)(*p - '0'), &value))
            die("'%s' is too large", text);
    }
    if (*p || digits == 0)
        bad_usage("invalid floating point argument: '%s'", text);
    for (behind = behind < 0 ? 0 : behind; behind < decimals; behind++)
        if (__builtin_mul_overflow(value, 10LL, &value))
            die("'%s' is too large", text);
    return *text == '-' ? -value : value;
}

static int format_scaled(char *text, size_t size, long long value, int decimals, int width) {
    unsigned long long magnitude = value < 0 ? 0ULL - value : 0ULL + value, unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    int sign = value < 0, room = width - sign - (decimals ? decimals + 1 : 0);
    int length =
        snprintf(text, size, "%s%0*llu", sign ? "-" : "", room > 0 ? room : 1, magnitude / unit);
    if (decimals)
        length += snprintf(text + length, size - length, ".%0*llu", decimals, magnitude % unit);
    return length;
}

static void print_numbers(long long first, long long step, long long last, int decimals, int width,
                          const char *separator) {
    char text[64];
    int printed = 0;
    for (long long n = first; step > 0 ? n <= last : n >= last; n += step) {
        if (printed++)
            fputs(separator, stdout);
        format_scaled(text, sizeof text, n, decimals, width);
        fputs(text, stdout);
        if (ferror(stdout) || (step > 0 ? n > last - step : n < last - step))
            break;
    }
    if (printed)
        putchar('\n');
}

static int is_negative_number(const char *text) {
    return text && text[0] == '-' && (text[1] == '.' || isdigit((unsigned char)text[1]));
}

int main(int argc, char **argv) {
    int letter, equal_width = 0, width = 0;
    const char *separator = "\n";
    utility_start(&self);
    while (!is_negative_number(argv[optind]) && (letter = next_option(argc, argv, "+s:w")) != -1) {
        if (letter == 's')
            separator = optarg;
        else
            equal_width = 1;
    }
    char **operand = argv + optind;
    int count = argc - optind;
    if (count == 0)
        bad_usage("missing operand");
    if (count > 3)
        bad_usage("extra operand '%s'", operand[3]);
    const char *first = count > 1 ? operand[0] : "1", *step = count > 2 ? operand[1] : "1";
    const char *last = operand[count - 1];
    int decimals = decimals_of(first) > decimals_of(step) ? decimals_of(first) : decimals_of(step);
    long long from = parse_scaled(first, decimals), by = parse_scaled(step, decimals);
    long long to = parse_scaled(last, decimals);
    if (by == 0)
        bad_usage("invalid Zero increment value: '%s'", step);
    char text[64];
    for (int end = 0; equal_width && end < 2; end++) {
        int needed = format_scaled(text, sizeof text, end ? to : from, decimals, 0);
        width = needed > width ? needed : width;
    }
    print_numbers(from, by, to, decimals, width, separator);
    return finish(0);
}
