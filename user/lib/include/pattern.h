// Small regular expressions for grep: . * + ? [] ^ $ | () {} and \w, in POSIX's two dialects.
//
// A pattern is compiled to a program for a machine that follows all ways through it at once (Ken
// Thompson, CACM 1968), so no text makes it slow, and a match is the longest one, as POSIX asks.
#pragma once

#include <stddef.h>

enum pattern_flags {
    PATTERN_EXTENDED = 1,  // + ? | ( ) { } are operators; without it they are behind a backslash
    PATTERN_IGNORE_CASE = 2,
    PATTERN_LITERAL = 4,  // every character stands for itself
};

struct pattern;

// NULL if the text is no pattern; *error is then one short sentence.
struct pattern *pattern_compile(const char *text, int flags, const char **error);
void pattern_free(struct pattern *pattern);

// The length of the longest match that begins exactly at text[start], or -1.
long pattern_match(struct pattern *pattern, const char *text, size_t length, size_t start);
// The first match at or behind *start: moves *start there and returns its length, or -1.
long pattern_search(struct pattern *pattern, const char *text, size_t length, size_t *start);
