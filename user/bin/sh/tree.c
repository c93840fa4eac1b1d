// The tree of a command: its memory, its nodes, and its text again for messages about jobs.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

#define CHUNK 2048

struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(16) char memory[];
};

struct arena {
    struct chunk *chunks;
};

struct arena *arena_new(void) {
    return need(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena *arena) {
    while (arena->chunks) {
        struct chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        free(chunk);
    }
    free(arena);
}

void *arena_take(struct arena *arena, size_t size) {
    struct chunk *chunk = arena->chunks;
    size = (size + 15) & ~(size_t)15;
    if (!chunk || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK ? size : CHUNK;
        chunk = need(malloc(sizeof(struct chunk) + room));
        *chunk = (struct chunk){.next = arena->chunks, .size = room};
        arena->chunks = chunk;
    }
    char *memory = chunk->memory + chunk->used;
    chunk->used += size;
    return memset(memory, 0, size);
}

char *arena_copy(struct arena *arena, const char *text, size_t length) {
    return memcpy(arena_take(arena, length + 1), text, length);
}

struct node *new_node(struct parser *parser, enum node_type type) {
    struct node *node = arena_take(parser->arena, sizeof(struct node));
    node->type = type;
    node->line = parser->line;
    return node;
}

void append_word(struct parser *parser, struct word **list, char *text) {
    while (*list) list = &(*list)->next;
    *list = arena_take(parser->arena, sizeof(struct word));
    (*list)->text = text;
}

struct text {
    char *text;
    size_t length;
};

static void put_text(struct text *out, const char *piece) {
    size_t length = strlen(piece);
    out->text = need(realloc(out->text, out->length + length + 1));
    memcpy(out->text + out->length, piece, length + 1);
    out->length += length;
}

static void put_node(struct text *out, const struct node *node);

static void put_words(struct text *out, const struct word *words) {
    for (; words; words = words->next) {
        if (out->length > 0 && out->text[out->length - 1] != ' ') put_text(out, " ");
        put_text(out, words->text);
    }
}

static void put_between(struct text *out, const char *before, const struct node *node,
                        const char *after) {
    put_text(out, before);
    put_node(out, node);
    put_text(out, after);
}

static void put_pair(struct text *out, const struct node *node, const char *between) {
    put_between(out, "", node->left, between);
    put_node(out, node->right);
}

static void put_redirections(struct text *out, const struct redirection *r) {
    static const char *const operators[] = {"<", ">", ">>", "<&", ">&", "<>", ">|"};
    for (; r; r = r->next) {
        int usual = r->kind == REDIRECT_READ || r->kind == REDIRECT_DUP_READ ? 0 : 1;
        char number[16] = "";
        if (r->fd != usual) snprintf(number, sizeof(number), "%d", r->fd);
        put_text(out, " ");
        put_text(out, number);
        put_text(out, operators[r->kind]);
        put_text(out, r->target);
    }
}

static void put_node(struct text *out, const struct node *node) {
    switch (node->type) {
    case NODE_SIMPLE:
        put_words(out, node->assignments);
        put_words(out, node->words);
        break;
    case NODE_SUBSHELL: put_between(out, "(", node->left, ")"); break;
    case NODE_GROUP: put_between(out, "{ ", node->left, "; }"); break;
    case NODE_PIPELINE:
        if (node->negated) put_text(out, "! ");
        for (const struct node *command = node->left; command; command = command->next) {
            put_between(out, "", command, command->next ? " | " : "");
        }
        break;
    case NODE_AND: put_pair(out, node, " && "); break;
    case NODE_OR: put_pair(out, node, " || "); break;
    case NODE_SEQUENCE: put_pair(out, node, "; "); break;
    case NODE_BACKGROUND: put_between(out, "", node->left, " &"); break;
    }
    put_redirections(out, node->redirections);
}

char *command_text(const struct node *node) {
    struct text out = {need(strdup("")), 0};
    put_node(&out, node);
    return out.text;
}
