// The tree between the text of a pattern and its program; private to pattern.c and
// pattern_parse.c.
#pragma once

enum node_kind {
    NODE_EMPTY,
    NODE_SET,          // one character out of `set`
    NODE_LINE_BEGIN,   // ^
    NODE_LINE_END,     // $
    NODE_WORD_BEGIN,   // \<
    NODE_WORD_END,     // \>
    NODE_SEQUENCE,     // left, then right
    NODE_ALTERNATIVE,  // left or right
    NODE_REPEAT,       // left, `least` to `most` times; most < 0 for any number
};

struct node {
    enum node_kind kind;
    struct node *left, *right;
    int least, most;
    unsigned char set[32];  // one bit per character
};

// NULL with *error set, or the tree.
struct node *pattern_parse(const char *text, int flags, const char **error);
void pattern_free_tree(struct node *tree);
