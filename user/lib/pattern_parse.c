// The text of a regular expression becomes a tree, by recursive descent: alternatives of sequences
// of repeated atoms. Interface: pattern_tree.h. Reference: POSIX.1, chapter 9.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pattern.h"
#include "pattern_tree.h"

struct parser {
    const char *next;
    int flags, depth;
    const char *error;  // the first one; parsing runs on to its end, and the tree is dropped
};

static struct node *parse_alternatives(struct parser *p);

static struct node nowhere;  // a node for which there was no memory

static void fail(struct parser *p, const char *error) {
    if (!p->error) p->error = error;
}

static struct node *new_node(struct parser *p, enum node_kind kind, struct node *left,
                             struct node *right) {
    struct node *node = calloc(1, sizeof *node);
    if (!node) {
        fail(p, "Memory exhausted");
        pattern_free_tree(left);
        pattern_free_tree(right);
        return &nowhere;
    }
    node->kind = kind;
    node->left = left;
    node->right = right;
    return node;
}

void pattern_free_tree(struct node *tree) {
    if (!tree || tree == &nowhere) return;
    pattern_free_tree(tree->left);
    pattern_free_tree(tree->right);
    free(tree);
}

// The operator that the text goes on with, or 0: the same character is one behind a backslash in
// one dialect, and without it in the other.
static int peek_operator(const struct parser *p) {
    int escaped = p->next[0] == '\\', c = p->next[escaped];
    if (c == '\0' || p->flags & PATTERN_LITERAL) return 0;
    if (strchr("+?|(){", c)) return escaped == !(p->flags & PATTERN_EXTENDED) ? c : 0;
    return c == '*' && !escaped ? c : 0;
}

static void skip_operator(struct parser *p) {
    p->next += 1 + (*p->next == '\\');
}

static void set_add(struct parser *p, struct node *node, int c) {
    node->set[c / 8] |= 1 << c % 8;
    if (p->flags & PATTERN_IGNORE_CASE && isalpha(c)) {
        node->set[toupper(c) / 8] |= 1 << toupper(c) % 8;
        node->set[tolower(c) / 8] |= 1 << tolower(c) % 8;
    }
}

static void set_invert(struct node *node) {
    for (int i = 0; i < 32; i++) node->set[i] = ~node->set[i];
}

// "[:alpha:]" inside brackets; whether there was such a thing.
static int parse_class(struct parser *p, struct node *node) {
    static const struct {
        const char *name;
        int (*contains)(int);
    } classes[] = {{"alpha", isalpha}, {"digit", isdigit}, {"alnum", isalnum},
                   {"upper", isupper}, {"lower", islower}, {"space", isspace},
                   {"blank", isblank}, {"punct", ispunct}, {"print", isprint},
                   {"graph", isgraph}, {"cntrl", iscntrl}, {"xdigit", isxdigit}};
    if (strncmp(p->next, "[:", 2) != 0) return 0;
    const char *name = p->next + 2, *end = strstr(name, ":]");
    for (size_t i = 0; end && i < sizeof classes / sizeof classes[0]; i++) {
        if (strlen(classes[i].name) != (size_t)(end - name) ||
            strncmp(name, classes[i].name, end - name) != 0)
            continue;
        for (int c = 0; c < 256; c++)
            if (classes[i].contains(c)) set_add(p, node, c);
        p->next = end + 2;
        return 1;
    }
    fail(p, "Invalid character class name");
    return 0;
}

static struct node *parse_brackets(struct parser *p) {
    struct node *node = new_node(p, NODE_SET, NULL, NULL);
    int inverted = *p->next == '^';
    p->next += inverted;
    for (int first = 1; *p->next && (*p->next != ']' || first); first = 0) {
        if (parse_class(p, node)) continue;
        int low = (unsigned char)*p->next++, high = low;
        if (p->next[0] == '-' && p->next[1] != ']' && p->next[1] != '\0') {
            high = (unsigned char)p->next[1];
            p->next += 2;
        }
        if (high < low) fail(p, "Invalid range end");
        for (int c = low; c <= high; c++) set_add(p, node, c);
    }
    if (*p->next == '\0') fail(p, "Unmatched [, [^, [:, [., or [=");
    else p->next++;
    if (inverted) set_invert(node);
    return node;
}

static struct node *parse_escaped(struct parser *p) {
    int c = (unsigned char)*p->next;
    if (c == '\0') {
        fail(p, "Trailing backslash");
        return new_node(p, NODE_EMPTY, NULL, NULL);
    }
    p->next++;
    if (c == '<' || c == '>')
        return new_node(p, c == '<' ? NODE_WORD_BEGIN : NODE_WORD_END, NULL, NULL);
    if (isdigit(c)) fail(p, "Back-references are not supported");
    struct node *node = new_node(p, NODE_SET, NULL, NULL);
    if (!strchr("wWsS", c)) {
        set_add(p, node, c);
        return node;
    }
    for (int i = 0; i < 256; i++)
        if (tolower(c) == 'w' ? isalnum(i) || i == '_' : isspace(i)) set_add(p, node, i);
    if (isupper(c)) set_invert(node);
    return node;
}

static struct node *parse_group(struct parser *p) {
    p->depth++;
    struct node *inside = parse_alternatives(p);
    p->depth--;
    if (peek_operator(p) == ')') skip_operator(p);
    else fail(p, "Unmatched ( or \\(");
    return inside;
}

// Whether ^ or $ here is an anchor: always in the extended dialect, else only at the edges.
static int is_anchor(const struct parser *p, const char *sequence) {
    const char *next = p->next;
    if (p->flags & PATTERN_EXTENDED) return 1;
    if (*next == '^') return next == sequence;
    return next[1] == '\0' || (next[1] == '\\' && (next[2] == ')' || next[2] == '|'));
}

static struct node *parse_atom(struct parser *p, const char *sequence) {
    if (peek_operator(p) == '(') {
        skip_operator(p);
        return parse_group(p);
    }
    int c = (unsigned char)*p->next, literal = p->flags & PATTERN_LITERAL;
    if (!literal && (c == '^' || c == '$') && is_anchor(p, sequence)) {
        p->next++;
        return new_node(p, c == '^' ? NODE_LINE_BEGIN : NODE_LINE_END, NULL, NULL);
    }
    p->next++;
    if (!literal && c == '[') return parse_brackets(p);
    if (!literal && c == '\\') return parse_escaped(p);
    struct node *node = new_node(p, NODE_SET, NULL, NULL);
    set_add(p, node, c);
    if (!literal && c == '.') memset(node->set, 0xff, sizeof node->set);
    return node;
}

// What stands between the braces: n or n, or n,m or ,m.
static void parse_interval(struct parser *p, struct node *repeat) {
    char *end;
    long least = strtol(p->next, &end, 10), most = least;
    if (*end == ',') most = isdigit((unsigned char)*++end) ? strtol(end, &end, 10) : -1;
    if (!(p->flags & PATTERN_EXTENDED) && *end == '\\') end++;
    if (*end != '}' || least < 0 || least > 255 || most > 255 || (most >= 0 && most < least))
        fail(p, "Invalid content of \\{\\}");
    else p->next = end + 1;
    repeat->least = least;
    repeat->most = most;
}

static struct node *parse_repeated(struct parser *p, const char *sequence) {
    struct node *node = parse_atom(p, sequence);
    // In the basic dialect a star behind ^ at the beginning stands for itself.
    if (!(p->flags & PATTERN_EXTENDED) && node->kind == NODE_LINE_BEGIN) return node;
    int operator;
    while (!p->error && (operator= peek_operator(p)) && strchr("*+?{", operator)) {
        skip_operator(p);
        node = new_node(p, NODE_REPEAT, node, NULL);
        node->least = operator== '+';
        node->most = operator== '?' ? 1 : - 1;
        if (operator== '{') parse_interval(p, node);
    }
    return node;
}

static struct node *parse_sequence(struct parser *p) {
    const char *begin = p->next;
    struct node *sequence = new_node(p, NODE_EMPTY, NULL, NULL);
    while (*p->next && !p->error) {
        int operator= peek_operator(p);
        if (operator== '|' ||(operator== ')' && p->depth> 0)) break;
        if (operator== ')' && !(p->flags &PATTERN_EXTENDED)) fail(p, "Unmatched ) or \\)");
        sequence = new_node(p, NODE_SEQUENCE, sequence, parse_repeated(p, begin));
    }
    return sequence;
}

static struct node *parse_alternatives(struct parser *p) {
    struct node *node = parse_sequence(p);
    while (!p->error && peek_operator(p) == '|') {
        skip_operator(p);
        node = new_node(p, NODE_ALTERNATIVE, node, parse_sequence(p));
    }
    return node;
}

struct node *pattern_parse(const char *text, int flags, const char **error) {
    struct parser parser = {.next = text, .flags = flags};
    struct node *tree = parse_alternatives(&parser);
    if (!parser.error) return tree;
    *error = parser.error;
    pattern_free_tree(tree);
    return NULL;
}
