// Arithmetic expansion: the value of a C expression over long integers, whose names are variables of
// the shell. Reference: POSIX, Shell Command Language, 2.6.4.
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct arithmetic {
    const char *at;
    const char *whole;
    int failed;
    int skipping;  // in the branch of && || ?: that does not count
};

static long arithmetic_error(struct arithmetic *a, const char *why) {
    if (!a->failed) report_error(2, "arithmetic expression: %s: \"%s\"", why, a->whole);
    a->failed = 1;
    return 0;
}

static void skip_blanks(struct arithmetic *a) {
    while (isspace((unsigned char)*a->at)) a->at++;
}

// Takes the operator if it stands here, and no longer one does.
static int take_operator(struct arithmetic *a, const char *operator) {
    size_t length = strlen(operator);
    skip_blanks(a);
    if (strncmp(a->at, operator, length) != 0) return 0;
    char next = a->at[length];
    int longer = next && strchr("=", next) && strchr("<>=!+-*/%&|^", operator[length - 1]);
    int doubled = next == operator[0] && length == 1 && strchr("<>&|", next);
    int assigns = length == 2 && (strcmp(operator, "<<") == 0 || strcmp(operator, ">>") == 0);
    if (doubled || (longer && (length == 1 || assigns))) return 0;
    a->at += length;
    return 1;
}

static long conditional(struct arithmetic *a);

static long constant(struct arithmetic *a, const char *text, const char **end) {
    char *after;
    long value = (long)strtoull(text, &after, 0);
    *end = after;
    if (after == text) return arithmetic_error(a, "expecting primary");
    return value;
}

static long variable_value(struct arithmetic *a, const char *name) {
    const char *value = get_variable(name);
    if (!value || !*value) return 0;
    const char *end;
    int negative = *value == '-';
    long result = constant(a, value + negative, &end);
    if (*end) return arithmetic_error(a, "illegal number");
    return negative ? -result : result;
}

// What an assignment operator makes of the old value and the new one.
static long combine(struct arithmetic *a, const char *operator, long left, long right) {
    unsigned long l = (unsigned long)left, r = (unsigned long)right;
    switch (*operator) {
    case '+': return (long)(l + r);
    case '-': return (long)(l - r);
    case '*': return (long)(l * r);
    case '<': return (long)(l << (r & 63));
    case '>': return left >> (r & 63);
    case '&': return left & right;
    case '^': return left ^ right;
    case '|': return left | right;
    case '/':
    case '%':
        if (a->skipping) return 0;
        if (right == 0) return arithmetic_error(a, "division by zero");
        if (left == LONG_MIN && right == -1) return *operator== '/' ? left : 0;
        return *operator== '/' ? left / right : left % right;
    default: return right;
    }
}

// name, or an assignment to it.
static long named(struct arithmetic *a) {
    static const char *const assignments[] = {
        "=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "^=", "|="};
    size_t length = name_length(a->at);
    char *name = need(strndup(a->at, length));
    a->at += length;
    skip_blanks(a);
    long value = 0;
    const char *operator= NULL;
    for (size_t i = 0; i < sizeof(assignments) / sizeof(assignments[0]); i++) {
        size_t size = strlen(assignments[i]);
        int equality = i == 0 && a->at[1] == '=';
        if (!equality && strncmp(a->at, assignments[i], size) == 0) operator= assignments[i];
    }
    if (!operator) {
        value = variable_value(a, name);
    } else {
        a->at += strlen(operator);
        long right = conditional(a);
        value = combine(a, operator, * operator== '=' ? 0 : variable_value(a, name), right);
        char text[24];
        snprintf(text, sizeof(text), "%ld", value);
        if (!a->skipping && !a->failed && set_variable(name, text) < 0) a->failed = 1;
    }
    free(name);
    return value;
}

static long unary(struct arithmetic *a) {
    skip_blanks(a);
    if (take_operator(a, "-")) return (long)-(unsigned long)unary(a);
    if (take_operator(a, "+")) return unary(a);
    if (take_operator(a, "!")) return !unary(a);
    if (take_operator(a, "~")) return ~unary(a);
    if (take_operator(a, "(")) {
        long value = conditional(a);
        return take_operator(a, ")") ? value : arithmetic_error(a, "expecting ')'");
    }
    if (name_length(a->at) > 0) return named(a);
    return constant(a, a->at, &a->at);
}

// Binary operators by their rank, the weakest first.
static const char *const levels[][4] = {
    {"|"},        {"^"},      {"&"},           {"==", "!="}, {"<=", ">=", "<", ">"},
    {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"},
};
#define LEVELS (sizeof(levels) / sizeof(levels[0]))

static long compare(const char *operator, long left, long right) {
    int equal = operator[1] == '=';
    switch (*operator) {
    case '=': return left == right;
    case '!': return left != right;
    case '<': return equal ? left <= right : left < right;
    default: return equal ? left >= right : left > right;
    }
}

static long binary(struct arithmetic *a, size_t level) {
    if (level == LEVELS) return unary(a);
    long left = binary(a, level + 1);
    for (;;) {
        const char *found = NULL;
        for (size_t i = 0; i < 4 && levels[level][i] && !found; i++) {
            if (take_operator(a, levels[level][i])) found = levels[level][i];
        }
        if (!found || a->failed) return left;
        long right = binary(a, level + 1);
        int compares = level == 3 || level == 4;
        left = compares ? compare(found, left, right) : combine(a, found, left, right);
    }
}

static long logical_and(struct arithmetic *a) {
    long left = binary(a, 0);
    while (!a->failed && take_operator(a, "&&")) {
        a->skipping += !left;
        long right = binary(a, 0);
        a->skipping -= !left;
        left = left && right;
    }
    return left;
}

static long logical_or(struct arithmetic *a) {
    long left = logical_and(a);
    while (!a->failed && take_operator(a, "||")) {
        a->skipping += left != 0;
        long right = logical_and(a);
        a->skipping -= left != 0;
        left = left || right;
    }
    return left;
}

static long conditional(struct arithmetic *a) {
    long condition = logical_or(a);
    if (a->failed || !take_operator(a, "?")) return condition;
    a->skipping += !condition;
    long yes = conditional(a);
    a->skipping -= !condition;
    if (!take_operator(a, ":")) return arithmetic_error(a, "expecting ':'");
    a->skipping += condition != 0;
    long no = conditional(a);
    a->skipping -= condition != 0;
    return condition ? yes : no;
}

int evaluate(const char *expression, long *value) {
    struct arithmetic a = {.at = expression, .whole = expression};
    skip_blanks(&a);
    *value = *a.at ? conditional(&a) : 0;
    skip_blanks(&a);
    if (!a.failed && *a.at) arithmetic_error(&a, "expecting EOF");
    return a.failed ? -1 : 0;
}
