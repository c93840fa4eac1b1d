// The program of a regular expression and the machine that runs it. The machine keeps the set of
// all instructions it could be at; each character of the text turns one set into the next.
// Interface: pattern.h. Reference: R. Cox, "Regular Expression Matching: the Virtual Machine
// Approach" (2009).
#include "pattern.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pattern_tree.h"

enum operation { CHARACTER, ASSERTION, FORK, JUMP, MATCH };

struct instruction {
    enum operation operation;
    int to, or_to;            // FORK goes both ways, JUMP only `to`
    const struct node *node;  // what CHARACTER compares and ASSERTION asks for
};

struct pattern {
    struct node *tree;
    struct instruction *code;
    int size;
    int *now, *then;  // two sets of instructions, as lists ...
    unsigned *added;  // ... and the number of the step that last put each one into a list
    unsigned step;
};

// ---- From the tree to the program. Without `code` only the size is counted. ----

static int emit(struct pattern *p, enum operation operation, int to, const struct node *node) {
    if (p->code) p->code[p->size] = (struct instruction){operation, to, 0, node};
    return p->size++;
}

static void emit_tree(struct pattern *p, const struct node *node);

static void set_ways(struct pattern *p, int at, int to, int or_to) {
    if (p->code) {
        p->code[at].to = to;
        p->code[at].or_to = or_to;
    }
}

static void emit_repeat(struct pattern *p, const struct node *node) {
    for (int i = 0; i < node->least; i++) emit_tree(p, node->left);
    if (node->most < 0) {
        int again = emit(p, FORK, 0, NULL);
        emit_tree(p, node->left);
        emit(p, JUMP, again, NULL);
        set_ways(p, again, again + 1, p->size);
    }
    for (int i = node->least; i < node->most; i++) {
        int skip = emit(p, FORK, 0, NULL);
        emit_tree(p, node->left);
        set_ways(p, skip, skip + 1, p->size);
    }
}

static void emit_tree(struct pattern *p, const struct node *node) {
    switch (node->kind) {
    case NODE_EMPTY: break;
    case NODE_SET: emit(p, CHARACTER, 0, node); break;
    case NODE_SEQUENCE:
        emit_tree(p, node->left);
        emit_tree(p, node->right);
        break;
    case NODE_ALTERNATIVE: {
        int fork = emit(p, FORK, 0, NULL);
        emit_tree(p, node->left);
        int jump = emit(p, JUMP, 0, NULL);
        set_ways(p, fork, fork + 1, p->size);
        emit_tree(p, node->right);
        set_ways(p, jump, p->size, 0);
        break;
    }
    case NODE_REPEAT: emit_repeat(p, node); break;
    default: emit(p, ASSERTION, 0, node);
    }
}

struct pattern *pattern_compile(const char *text, int flags, const char **error) {
    struct pattern *p = calloc(1, sizeof *p);
    *error = "Memory exhausted";
    if (!p || !(p->tree = pattern_parse(text, flags, error))) {
        free(p);
        return NULL;
    }
    emit_tree(p, p->tree);
    int size = p->size + 1;
    p->code = calloc(size, sizeof *p->code);
    p->now = calloc(size, sizeof *p->now);
    p->then = calloc(size, sizeof *p->then);
    p->added = calloc(size, sizeof *p->added);
    if (!p->code || !p->now || !p->then || !p->added) {
        pattern_free(p);
        return NULL;
    }
    p->size = 0;
    emit_tree(p, p->tree);
    emit(p, MATCH, 0, NULL);
    return p;
}

void pattern_free(struct pattern *p) {
    pattern_free_tree(p->tree);
    free(p->code);
    free(p->now);
    free(p->then);
    free(p->added);
    free(p);
}

// ---- The machine ----

static int is_word(int c) {
    return isalnum(c) || c == '_';
}

static int holds(enum node_kind kind, const char *text, size_t length, size_t at) {
    int before = at > 0 && is_word((unsigned char)text[at - 1]);
    int behind = at < length && is_word((unsigned char)text[at]);
    switch (kind) {
    case NODE_LINE_BEGIN: return at == 0;
    case NODE_LINE_END: return at == length;
    case NODE_WORD_BEGIN: return !before && behind;
    default: return before && !behind;
    }
}

struct place {
    const char *text;
    size_t length, at;
};

// Adds the instruction and all that is reached from it without reading a character.
static void add_place(struct pattern *p, int *list, int *count, int at, const struct place *place) {
    const struct instruction *i = &p->code[at];
    if (p->added[at] == p->step) return;
    p->added[at] = p->step;
    switch (i->operation) {
    case FORK:
        add_place(p, list, count, i->to, place);
        add_place(p, list, count, i->or_to, place);
        break;
    case JUMP: add_place(p, list, count, i->to, place); break;
    case ASSERTION:
        if (holds(i->node->kind, place->text, place->length, place->at))
            add_place(p, list, count, at + 1, place);
        break;
    default: list[(*count)++] = at;
    }
}

long pattern_match(struct pattern *p, const char *text, size_t length, size_t start) {
    struct place place = {text, length, start};
    int count = 0;
    long longest = -1;
    p->step++;
    add_place(p, p->now, &count, 0, &place);
    while (count > 0) {
        int c = place.at < length ? (unsigned char)text[place.at] : -1, next = 0;
        p->step++;
        place.at++;
        for (int n = 0; n < count; n++) {
            const struct instruction *i = &p->code[p->now[n]];
            if (i->operation == MATCH) longest = place.at - 1 - start;
            else if (c >= 0 && i->node->set[c / 8] >> c % 8 & 1)
                add_place(p, p->then, &next, p->now[n] + 1, &place);
        }
        int *list = p->now;
        p->now = p->then;
        p->then = list;
        count = next;
    }
    return longest;
}

long pattern_search(struct pattern *p, const char *text, size_t length, size_t *start) {
    for (; *start <= length; ++*start) {
        long found = pattern_match(p, text, length, *start);
        if (found >= 0) return found;
    }
    return -1;
}
