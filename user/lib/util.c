// The utilities' common frame: options, messages, and an end that notices lost output.
// Interface: util.h. Reference: the GNU coding standards' chapter on command-line interfaces.
#include "util.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct utility *me;

void utility_start(const struct utility *self) {
    me = self;
}

static void message(const char *format, va_list arguments, const char *reason) {
    fflush(stdout);  // What was printed before the mistake appears before the message.
    fprintf(stderr, "%s: ", me->name);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, reason ? ": %s\n" : "\n", reason);
}

void complain(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, NULL);
    va_end(arguments);
}

void complain_errno(const char *format, ...) {
    const char *reason = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, reason);
    va_end(arguments);
}

void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, NULL);
    va_end(arguments);
    exit(me->trouble);
}

void die_errno(const char *format, ...) {
    const char *reason = strerror(errno);
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, reason);
    va_end(arguments);
    exit(me->trouble);
}

static _Noreturn void suggest_help(void) {
    fprintf(stderr, "Try '%s --help' for more information.\n", me->name);
    exit(me->trouble);
}

void bad_usage(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    message(format, arguments, NULL);
    va_end(arguments);
    suggest_help();
}

int next_option(int argc, char **argv, const char *letters) {
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h' << 8}, {0}};
    char *own_name = argv[0];
    argv[0] = (char *)me->name;  // getopt speaks with this name, however the program was called.
    int letter = getopt_long(argc, argv, letters, long_options, NULL);
    argv[0] = own_name;
    if (letter == 'h' << 8) {
        fputs(me->usage, stdout);
        exit(finish(0));
    }
    if (letter == '?')
        suggest_help();
    return letter;
}

int finish(int status) {
    int earlier = ferror(stdout);
    if (fflush(stdout) != 0) {
        complain_errno("write error");
        return me->trouble;
    }
    if (earlier) {
        complain("write error");
        return me->trouble;
    }
    return status;
}

void *need_memory(void *block, size_t size) {
    block = realloc(block, size ? size : 1);
    if (!block)
        die("memory exhausted");
    return block;
}

char *need_copy(const char *text) {
    return strcpy(need_memory(NULL, strlen(text) + 1), text);
}

FILE *open_input(const char *name) {
    return strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
}

void close_input(FILE *input) {
    if (input == stdin)
        clearerr(input);
    else
        fclose(input);
}

static int read_input(const char *name, const char *open_words, const char *read_words,
                      input_reader *each) {
    FILE *input = open_input(name);
    if (!input) {
        complain_errno(open_words, name);
        return 1;
    }
    errno = 0;
    each(input, name);
    int failed = ferror(input) != 0;
    if (failed)
        complain_errno(read_words, name);
    close_input(input);
    return failed;
}

int for_each_input(int count, char **names, const char *open_words, const char *read_words,
                   input_reader *each) {
    int status = 0;
    if (count == 0)
        status = read_input("-", open_words, read_words, each);
    for (int i = 0; i < count; i++)
        status |= read_input(names[i], open_words, read_words, each);
    return status;
}

void accept_count_option(int *argc, char ***argv) {
    if (*argc < 2 || (*argv)[1][0] != '-' || !isdigit((unsigned char)(*argv)[1][1]))
        return;
    char **longer = need_memory(NULL, (*argc + 2) * sizeof(char *));
    longer[0] = (*argv)[0];
    longer[1] = "-n";
    longer[2] = (*argv)[1] + 1;
    memcpy(longer + 3, *argv + 2, (*argc - 1) * sizeof(char *));  // the final NULL as well
    *argv = longer;
    *argc += 1;
}

int parse_number(const char *text, long long *value) {
    char *end;
    errno = 0;
    *value = strtoll(text, &end, 10);
    return end != text && *end == '\0' && errno == 0;
}

int parse_size(const char *text, unsigned long long *value) {
    static const char units[] = "kMGTP";
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)text[0]))
        return 0;
    *value = strtoull(text, &end, 10);
    if (errno != 0)
        return 0;
    if (*end == '\0')
        return 1;
    const char *unit = strchr(units, *end == 'K' ? 'k' : *end);
    if (!unit)
        return 0;
    unsigned long long base = end[1] == 'B' ? 1000 : 1024;
    if (end[1] == 'i' && end[2] == 'B')
        end += 2;
    else if (end[1] == 'B')
        end++;
    for (const char *u = units; u <= unit; u++)
        if (__builtin_mul_overflow(*value, base, value))
            return 0;
    return end[1] == '\0';
}

static int digits_of_base(const char **text, int base, int most) {
    int value = 0;
    for (int i = 0; i < most; i++, (*text)++) {
        int c = (unsigned char)**text;
        int digit = isdigit(c) ? c - '0' : isxdigit(c) ? tolower(c) - 'a' + 10 : 99;
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    return value & 0xff;
}

int parse_escape(const char **text, enum escape_octal style) {
    static const char letters[] = "abefnrtv\\", meanings[] = "\a\b\033\f\n\r\t\v\\";
    char c = **text;
    if (c == 'c') {
        (*text)++;
        return -1;
    }
    if (c == 'x' && isxdigit((unsigned char)(*text)[1])) {
        (*text)++;
        return digits_of_base(text, 16, 2);
    }
    if (c >= '0' && c <= '7' && (style == OCTAL_PLAIN || c == '0')) {
        *text += style == OCTAL_AFTER_ZERO;
        return digits_of_base(text, 8, 3);
    }
    const char *found = c ? strchr(letters, c) : NULL;
    if (!found)
        return '\\';
    (*text)++;
    return (unsigned char)meanings[found - letters];
}

int exec_failed(char **argv) {
    execvp(argv[0], argv);
    int status = errno == ENOENT ? 127 : 126;
    complain_errno("'%s'", argv[0]);
    return status;
}
