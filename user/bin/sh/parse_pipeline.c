// Pipelines and simple commands: the grammar below lists. Part of the lab "Files, pipes, signals,
// shell": before it, the shell knows one command of plain words.
//     pipeline    := [ '!' ] command { '|' newlines command }
//     command     := simple | compound { redirection } | function
//     simple      := { assignment | redirection } [ word { word | redirection } ]
//     redirection := [ number ] ( '<' | '>' | '>>' | '<&' | '>&' | '<>' | '<<' | '<<-' | '>|' ) word
// Interface: parse_pipeline, called by parse.c with the first token of a pipeline as the current
// one. It always gives a NODE_PIPELINE, or NULL after syntax_error.
#include <stdlib.h>

#include "sh.h"

// BEGIN SOLUTION(files.parse_pipeline)
static int at_redirection(const struct parser *parser) {
    return parser->token == TOKEN_IO_NUMBER ||
           (parser->token >= TOKEN_LESS && parser->token <= TOKEN_CLOBBER);
}

// Appends the redirection at the current token to the node's; 0 after an error.
static int parse_redirection(struct parser *parser, struct node *node) {
    struct redirection *redirection = arena_take(parser->arena, sizeof(struct redirection));
    redirection->fd = -1;
    if (parser->token == TOKEN_IO_NUMBER) {
        redirection->fd = atoi(parser->text);
        advance(parser);
    }
    redirection->kind = (enum redirect)(parser->token - TOKEN_LESS);
    if (redirection->fd < 0) redirection->fd = usual_descriptor(redirection->kind);
    advance(parser);
    if (parser->token != TOKEN_WORD) return unexpected_token(parser) != NULL;
    redirection->target = parser->text;
    expect_here_document(parser, redirection);
    advance(parser);

    struct redirection **end = &node->redirections;
    while (*end) end = &(*end)->next;
    *end = redirection;
    return 1;
}

static int is_assignment(const char *text) {
    size_t length = name_length(text);
    return length > 0 && text[length] == '=';
}

static struct node *parse_simple(struct parser *parser) {
    struct node *node = new_node(parser, NODE_SIMPLE);
    for (;;) {
        if (at_redirection(parser)) {
            if (!parse_redirection(parser, node)) return NULL;
        } else if (parser->token == TOKEN_WORD) {
            int assigns = !node->words && is_assignment(parser->text);
            append_word(parser, assigns ? &node->assignments : &node->words, parser->text);
            advance(parser);
        } else {
            break;
        }
        if (parser->failed) return NULL;
    }
    if (!node->words && !node->assignments && !node->redirections) return unexpected_token(parser);
    // "name ( )" defines a function.
    return parser->token == TOKEN_OPEN ? parse_function(parser, node) : node;
}

static struct node *parse_command(struct parser *parser) {
    if (!starts_compound(parser)) return parse_simple(parser);
    struct node *node = parse_compound(parser);
    while (node && at_redirection(parser)) {
        if (!parse_redirection(parser, node)) return NULL;
    }
    return node;
}

struct node *parse_pipeline(struct parser *parser) {
    struct node *pipeline = new_node(parser, NODE_PIPELINE);
    struct node **end = &pipeline->left;
    if (at_reserved(parser, "!")) {
        pipeline->negated = 1;
        advance(parser);
    }
    for (;;) {
        *end = parse_command(parser);
        if (!*end) return NULL;
        end = &(*end)->next;
        if (parser->token != TOKEN_PIPE) return pipeline;
        advance(parser);
        skip_newlines(parser);
    }
}
// END SOLUTION
// STUB: struct node *parse_pipeline(struct parser *parser) {
// STUB:     return syntax_error(parser, "files.parse_pipeline: yours to write");
// STUB: }
// UNTIL: struct node *parse_pipeline(struct parser *parser) {
// UNTIL:     struct node *pipeline = new_node(parser, NODE_PIPELINE);
// UNTIL:     if (parser->token != TOKEN_WORD) return unexpected_token(parser);
// UNTIL:     pipeline->left = new_node(parser, NODE_SIMPLE);
// UNTIL:     for (; parser->token == TOKEN_WORD; advance(parser)) {
// UNTIL:         append_word(parser, &pipeline->left->words, parser->text);
// UNTIL:     }
// UNTIL:     return pipeline;
// UNTIL: }
