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
    int holders;
};

struct arena *arena_new(void) {
    return need(calloc(1, sizeof(struct arena)));
}

struct arena *arena_keep(struct arena *arena) {
    arena->holders++;
    return arena;
}

void arena_free(struct arena *arena) {
    if (arena->holders-- > 0) return;
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

int usual_descriptor(enum redirect kind) {
    return kind == REDIRECT_WRITE || kind == REDIRECT_APPEND || kind == REDIRECT_DUP_WRITE ||
           kind == REDIRECT_CLOBBER;
}

static void put_redirections(struct text *out, const struct redirection *r) {
    static const char *const operators[] = {"<", ">", ">>", "<&", ">&", "<>", "<<", "<<-", ">|"};
    for (; r; r = r->next) {
        char number[16] = "";
        if (r->fd != usual_descriptor(r->kind)) snprintf(number, sizeof(number), "%d", r->fd);
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
    case NODE_IF:
        put_between(out, "if ", node->left, "; then ");
        put_node(out, node->right);
        if (node->otherwise) put_between(out, "; else ", node->otherwise, "");
        put_text(out, "; fi");
        break;
    case NODE_LOOP:
        put_between(out, node->negated ? "until " : "while ", node->left, "; do ");
        put_between(out, "", node->right, "; done");
        break;
    case NODE_FOR:
        put_text(out, "for ");
        put_text(out, node->words->text);
        put_text(out, node->all_arguments ? "" : " in ");
        put_words(out, node->words->next);
        put_between(out, "; do ", node->right, "; done");
        break;
    case NODE_CASE:
        put_text(out, "case ");
        put_words(out, node->words);
        put_text(out, " in ... esac");
        break;
    case NODE_FUNCTION:
        put_words(out, node->words);
        put_between(out, "() ", node->left, "");
        break;
    }
    put_redirections(out, node->redirections);
}

char *command_text(const struct node *node) {
    struct text out = {need(strdup("")), 0};
    put_node(&out, node);
    return out.text;
}
