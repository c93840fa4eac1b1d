// test, also called [: evaluates a condition for the shell. The status is 0 if it holds, 1 if not,
// 2 if it is none. Reference: POSIX test(1); the grammar is or > and > not > primary.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const char usage[] =
    "Usage: test EXPRESSION\n"
    "  or:  [ EXPRESSION ]\n"
    "Exit with status 0 if EXPRESSION holds, else 1.\n\n"
    "  STRING, -n STRING, -z STRING      the string is not empty; it is empty\n"
    "  S1 = S2, S1 != S2, S1 < S2, S1 > S2\n"
    "  N1 -eq N2, -ne, -lt, -le, -gt, -ge  whole numbers\n"
    "  -e FILE                           it exists; and is\n"
    "  -f -d -L -h -p -S -b -c FILE      a plain file, directory, link, pipe, socket, device\n"
    "  -r -w -x -s -u -g -k FILE         readable, writable, executable; not empty; set-id, "
    "sticky\n"
    "  F1 -nt F2, F1 -ot F2, F1 -ef F2   newer, older, the same file\n"
    "  -t FD                             the descriptor is a terminal\n"
    "  ! E, E1 -a E2, E1 -o E2, ( E )    not, and, or\n";
static const struct utility test = {"test", usage, 2}, bracket = {"[", usage, 2};

static char **next;  // the argument that is read next; NULL stands at the end

static int parse_or(void);

static int is(const char *argument, const char *text) {
    return argument && strcmp(argument, text) == 0;
}

static const char *take(void) {
    if (!*next)
        die("missing argument after '%s'", next[-1]);
    return *next++;
}

static long long take_number(const char *text) {
    long long value;
    const char *begin = text + strspn(text, " \t");
    if (!parse_number(begin, &value))
        die("invalid integer '%s'", text);
    return value;
}

static int file_test(int letter, const char *path) {
    struct stat st;
    switch (letter) {
        case 'r': return access(path, R_OK) == 0;
        case 'w': return access(path, W_OK) == 0;
        case 'x': return access(path, X_OK) == 0;
        case 'h':
        case 'L': return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    }
    if (stat(path, &st) != 0)
        return 0;
    switch (letter) {
        case 'b': return S_ISBLK(st.st_mode);
        case 'c': return S_ISCHR(st.st_mode);
        case 'd': return S_ISDIR(st.st_mode);
        case 'f': return S_ISREG(st.st_mode);
        case 'g': return (st.st_mode & S_ISGID) != 0;
        case 'k': return (st.st_mode & S_ISVTX) != 0;
        case 'p': return S_ISFIFO(st.st_mode);
        case 'S': return S_ISSOCK(st.st_mode);
        case 's': return st.st_size > 0;
        case 'u': return (st.st_mode & S_ISUID) != 0;
        default: return 1;  // 'e'
    }
}

static int is_unary(const char *argument) {
    return argument && argument[0] == '-' && argument[1] && !argument[2] &&
           strchr("bcdefghkLnprSstuwxz", argument[1]);
}

static int unary(int letter, const char *operand) {
    switch (letter) {
        case 'n': return *operand != '\0';
        case 'z': return *operand == '\0';
        case 't': return isatty(take_number(operand));
        default: return file_test(letter, operand);
    }
}

// -1, 0, 1: the first file is older, as old, newer. A file that is not there is older than any.
static int compare_ages(const char *a, const char *b) {
    struct stat x, y;
    int has_a = stat(a, &x) == 0, has_b = stat(b, &y) == 0;
    if (!has_a || !has_b)
        return has_a - has_b;
    long long order = x.st_mtim.tv_sec - y.st_mtim.tv_sec;
    if (order == 0)
        order = x.st_mtim.tv_nsec - y.st_mtim.tv_nsec;
    return (order > 0) - (order < 0);
}

static int same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static const char *const binaries[] = {"=",   "==",  "!=",  "<",   ">",   "-eq", "-ne", "-lt",
                                       "-le", "-gt", "-ge", "-nt", "-ot", "-ef", NULL};

static int is_binary(const char *argument) {
    for (const char *const *name = binaries; argument && *name; name++)
        if (strcmp(argument, *name) == 0)
            return 1;
    return 0;
}

static int binary(const char *a, const char *operator, const char * b) {
    int order = strcmp(a, b);
    if (operator[0] != '-') {
        switch (operator[0]) {
            case '!': return order != 0;
            case '<': return order < 0;
            case '>': return order > 0;
            default: return order == 0;
        }
    }
    if (is(operator, "-nt"))
        return compare_ages(a, b) > 0;
    if (is(operator, "-ot"))
        return compare_ages(a, b) < 0;
    if (is(operator, "-ef"))
        return same_file(a, b);
    long long x = take_number(a), y = take_number(b);
    if (is(operator, "-eq"))
        return x == y;
    if (is(operator, "-ne"))
        return x != y;
    if (is(operator, "-lt"))
        return x < y;
    if (is(operator, "-le"))
        return x <= y;
    return is(operator, "-gt") ? x > y : x >= y;
}

// What an argument means is seen from what follows it: "-f = -f" compares two strings.
static int parse_primary(void) {
    if (*next && is_binary(next[1]) && next[2]) {
        const char *a = take(), *operator= take();
        return binary(a, operator, take());
    }
    if (is(*next, "!") && next[1]) {
        next++;
        return !parse_primary();
    }
    if (is(*next, "(") && next[1]) {
        next++;
        int value = parse_or();
        if (!is(*next, ")"))
            die(*next ? "')' expected, found '%s'" : "')' expected", *next);
        next++;
        return value;
    }
    if (is_unary(*next) && next[1] && !(is(next[1], ")") && !next[2])) {
        int letter = (*next++)[1];
        return unary(letter, take());
    }
    return *take() != '\0';
}

static int parse_and(void) {
    int value = parse_primary();
    while (is(*next, "-a")) {
        next++;
        value &= parse_primary();
    }
    return value;
}

static int parse_or(void) {
    int value = parse_and();
    while (is(*next, "-o")) {
        next++;
        value |= parse_and();
    }
    return value;
}

// What is wrong, in the words that fit the number of arguments.
static _Noreturn void complain_about(int count, char **arguments) {
    if (count == 2 && (arguments[0][0] != '-' || strlen(arguments[0]) != 2))
        die("missing argument after '%s'", arguments[1]);
    if (count == 2)
        die("'%s': unary operator expected", arguments[0]);
    if (count == 3)
        die("'%s': binary operator expected", arguments[1]);
    die("extra argument '%s'", *next);
}

int main(int argc, char **argv) {
    int is_bracket = is(last_component(argv[0]), "[");
    utility_start(is_bracket ? &bracket : &test);
    if (is_bracket && argc == 2 && is(argv[1], "--help")) {
        fputs(usage, stdout);
        return finish(0);
    }
    if (is_bracket) {
        if (!is(argv[argc - 1], "]"))
            die("missing ']'");
        argv[--argc] = NULL;
    }
    next = argv + 1;
    if (argc == 1)
        return 1;
    int value = parse_or();
    if (*next)
        complain_about(argc - 1, argv + 1);
    return !value;
}
