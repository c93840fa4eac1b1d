// test and [: what a script asks most, without a process for each question.
// Reference: POSIX, test(1). The number of arguments decides how they are read.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

struct test {
    char **next, **end;
    int failed;
};

static int fail(struct test *test, const char *format, const char *text) {
    if (!test->failed) report_error(2, format, text);
    test->failed = 1;
    return 0;
}

static int test_mode(char letter, const struct stat *st) {
    switch (letter) {
    case 'b': return S_ISBLK(st->st_mode);
    case 'c': return S_ISCHR(st->st_mode);
    case 'd': return S_ISDIR(st->st_mode);
    case 'e': return 1;
    case 'f': return S_ISREG(st->st_mode);
    case 'g': return (st->st_mode & S_ISGID) != 0;
    case 'p': return S_ISFIFO(st->st_mode);
    case 's': return st->st_size > 0;
    case 'S': return S_ISSOCK(st->st_mode);
    case 'u': return (st->st_mode & S_ISUID) != 0;
    default: return S_ISLNK(st->st_mode);  // h, L
    }
}

static int test_unary(char letter, const char *operand) {
    struct stat st;
    switch (letter) {
    case 'n': return *operand != 0;
    case 'z': return *operand == 0;
    case 'r': return access(operand, R_OK) == 0;
    case 'w': return access(operand, W_OK) == 0;
    case 'x': return access(operand, X_OK) == 0;
    case 't': return isatty(atoi(operand));
    case 'h':
    case 'L': return lstat(operand, &st) == 0 && test_mode(letter, &st);
    default: return stat(operand, &st) == 0 && test_mode(letter, &st);
    }
}

static long number(struct test *test, const char *text) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    while (isspace((unsigned char)*end)) end++;
    if (end == text || *end || errno) fail(test, "Illegal number: %s", text);
    return value;
}

static int compare_times(const char *a, const char *b) {
    struct stat first, second;
    if (stat(a, &first) < 0) return stat(b, &second) < 0 ? 0 : -1;
    if (stat(b, &second) < 0) return 1;
    if (first.st_mtim.tv_sec != second.st_mtim.tv_sec) {
        return first.st_mtim.tv_sec > second.st_mtim.tv_sec ? 1 : -1;
    }
    return (first.st_mtim.tv_nsec > second.st_mtim.tv_nsec) -
           (first.st_mtim.tv_nsec < second.st_mtim.tv_nsec);
}

static int same_file(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static const char *const binaries[] = {"=",   "!=",  "<",   ">",   "-eq", "-ne", "-lt",
                                       "-le", "-gt", "-ge", "-nt", "-ot", "-ef"};
#define BINARIES ((int)(sizeof(binaries) / sizeof(binaries[0])))
#define FIRST_NUMERIC 4
#define FIRST_FILE 10

static int find_binary(const char *text) {
    for (int i = 0; i < BINARIES; i++) {
        if (strcmp(binaries[i], text) == 0) return i;
    }
    return -1;
}

static int test_binary(struct test *test, const char *a, int relation, const char *b) {
    if (relation >= FIRST_FILE) {
        if (relation == FIRST_FILE + 2) return same_file(a, b);
        int order = compare_times(a, b);
        return relation == FIRST_FILE ? order > 0 : order < 0;
    }
    long difference;
    if (relation < FIRST_NUMERIC) {
        static const int numeric[] = {4, 5, 6, 8};  // = as -eq, != as -ne, < as -lt, > as -gt
        difference = strcmp(a, b);
        relation = numeric[relation];
    } else {
        long x = number(test, a), y = number(test, b);
        difference = (x > y) - (x < y);
    }
    switch (relation) {
    case 4: return difference == 0;
    case 5: return difference != 0;
    case 6: return difference < 0;
    case 7: return difference <= 0;
    case 8: return difference > 0;
    default: return difference >= 0;
    }
}

static int test_or(struct test *test);

static int is_unary(const char *text) {
    return text[0] == '-' && text[1] && text[2] == 0 && strchr("bcdefghnLprsStuwxz", text[1]);
}

static int test_primary(struct test *test) {
    long left = test->end - test->next;
    if (left <= 0) return fail(test, "test: argument expected%s", "");
    char **p = test->next;
    if (left >= 3 && find_binary(p[1]) >= 0) {
        test->next += 3;
        return test_binary(test, p[0], find_binary(p[1]), p[2]);
    }
    if (left >= 2 && is_unary(p[0])) {
        test->next += 2;
        return test_unary(p[0][1], p[1]);
    }
    if (left >= 3 && strcmp(p[0], "(") == 0) {
        test->next++;
        int result = test_or(test);
        if (test->next >= test->end || strcmp(*test->next++, ")") != 0) {
            return fail(test, "test: closing paren expected%s", "");
        }
        return result;
    }
    test->next++;
    return **p != 0;
}

static int test_not(struct test *test) {
    if (test->end - test->next >= 2 && strcmp(*test->next, "!") == 0 &&
        !(test->end - test->next >= 3 && find_binary(test->next[1]) >= 0)) {
        test->next++;
        return !test_not(test);
    }
    return test_primary(test);
}

static int test_and(struct test *test) {
    int result = test_not(test);
    while (test->next < test->end && strcmp(*test->next, "-a") == 0) {
        test->next++;
        result &= test_not(test);
    }
    return result;
}

static int test_or(struct test *test) {
    int result = test_and(test);
    while (test->next < test->end && strcmp(*test->next, "-o") == 0) {
        test->next++;
        result |= test_and(test);
    }
    return result;
}

int builtin_test(int argc, char **argv) {
    struct test test = {argv + 1, argv + argc, 0};
    if (strcmp(argv[0], "[") == 0) {
        if (argc < 2 || strcmp(argv[argc - 1], "]") != 0) return report_error(2, "[: missing ]");
        test.end--;
    }
    if (test.next == test.end) return 1;
    int result = test_or(&test);
    if (!test.failed && test.next < test.end) {
        fail(&test, "test: %s: unexpected operator", *test.next);
    }
    return test.failed ? 2 : !result;
}
