// printf: prints its arguments as a format says. The format is used again as long as there are
// arguments left; missing ones are empty or zero.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static const struct utility self = {
    "printf",
    "Usage: printf FORMAT [ARGUMENT]...\n"
    "Print the ARGUMENTs as FORMAT says: %d %i %u %o %x %X %c %s, %b (a string with escapes), %%,\n"
    "with flags, width and precision, and the backslash escapes of echo -e (\\NNN for \\0NNN).\n",
    1};

static char **next_argument;
static int status;

static const char *take(void) {
    return *next_argument ? *next_argument++ : "";
}

// Prints with escapes; \c ends the program.
static void print_escape(const char **text, enum escape_octal style) {
    int c = parse_escape(text, style);
    if (c < 0)
        exit(finish(status));
    putchar(c);
}

static void print_escaped(const char *text) {
    while (*text) {
        if (*text == '\\' && text[1]) {
            text++;
            print_escape(&text, *text == '0' ? OCTAL_AFTER_ZERO : OCTAL_PLAIN);
        } else {
            putchar(*text++);
        }
    }
}

// "12", "0x1f", "017", or a quote and a character, which stands for its code.
static long long take_number(int is_signed) {
    const char *text = take();
    char *end;
    if (*text == '\'' || *text == '"')
        return (unsigned char)text[1];
    if (*text == '\0')
        return 0;
    errno = 0;
    long long value = is_signed ? strtoll(text, &end, 0) : (long long)strtoull(text, &end, 0);
    if (errno)
        complain_errno("'%s'", text);
    else if (end == text)
        complain("'%s': expected a numeric value", text);
    else if (*end)
        complain("'%s': value not completely converted", text);
    if (errno || *end)
        status = 1;
    return value;
}

// The directive at *format (behind the %) is copied with "ll" for the C library's own printf.
static void print_directive(const char **format) {
    static const char flags[] = "-+ #0";
    char directive[64] = "%";
    size_t length = 1;
    const char *p = *format;
    for (; *p && (strchr(flags, *p) || strchr("0123456789.*", *p)) && length < 40; p++) {
        if (*p == '*')
            length += snprintf(directive + length, 16, "%d", (int)take_number(1));
        else
            directive[length++] = *p;
    }
    directive[length] = '\0';
    if (*p == '\0' || !strchr("diouxXcsb", *p))
        die("%%%.*s: invalid conversion specification", (int)(p - *format + (*p != '\0')), *format);
    *format = p + 1;
    if (*p == 'b') {
        print_escaped(take());
    } else if (*p == 's' || *p == 'c') {
        const char *text = take();
        strcat(directive, *p == 'c' ? ".1s" : "s");
        printf(directive, text);
    } else {
        snprintf(directive + length, 8, "ll%c", *p);
        printf(directive, take_number(*p == 'd' || *p == 'i'));
    }
}

static void print_format(const char *format) {
    while (*format) {
        char c = *format++;
        if (c == '\\' && *format)
            print_escape(&format, OCTAL_PLAIN);
        else if (c == '%' && *format == '%')
            putchar(*format++);
        else if (c == '%')
            print_directive(&format);
        else
            putchar(c);
    }
}

int main(int argc, char **argv) {
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    utility_start(&self);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(self.usage, stdout);
        return finish(0);
    }
    if (argc <= first)
        bad_usage("missing operand");
    next_argument = argv + first + 1;
    char **before;
    do {
        before = next_argument;
        print_format(argv[first]);
    } while (*next_argument && next_argument > before);
    if (*next_argument)
        complain("warning: ignoring excess arguments, starting with '%s'", *next_argument);
    return finish(status);
}
