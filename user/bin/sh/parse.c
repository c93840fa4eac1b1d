// Lists of commands: the grammar above pipelines.
//     line     := [ and_or { (';' | '&') and_or } [ ';' | '&' ] ] newline
//     list     := the same, with newlines as separators too, inside ( ) and { }
//     and_or   := pipeline { ('&&' | '||') newlines pipeline }
//     pipeline :  parse_pipeline.c
//     compound :  parse_compound.c
// Each parse function begins at the current token and leaves behind what it took; NULL means that a
// syntax error has been reported.
#include <string.h>

#include "sh.h"

int at_reserved(const struct parser *parser, const char *word) {
    return parser->token == TOKEN_WORD && strcmp(parser->text, word) == 0;
}

void skip_newlines(struct parser *parser) {
    while (parser->token == TOKEN_NEWLINE) advance(parser);
}

static struct node *new_pair(struct parser *parser, enum node_type type, struct node *left,
                             struct node *right) {
    struct node *node = new_node(parser, type);
    node->left = left;
    node->right = right;
    return node;
}

static struct node *parse_and_or(struct parser *parser) {
    struct node *left = parse_pipeline(parser);
    while (left && (parser->token == TOKEN_AND_IF || parser->token == TOKEN_OR_IF)) {
        enum node_type type = parser->token == TOKEN_AND_IF ? NODE_AND : NODE_OR;
        advance(parser);
        skip_newlines(parser);
        struct node *right = parse_pipeline(parser);
        if (!right) return NULL;
        left = new_pair(parser, type, left, right);
    }
    return left;
}

int ends_list(const struct parser *parser) {
    static const char *const words[] = {"}", "then", "elif", "else", "fi", "do", "done", "esac"};
    if (parser->token == TOKEN_END || parser->token == TOKEN_CLOSE) return 1;
    if (parser->token == TOKEN_DOUBLE_SEMICOLON) return 1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (at_reserved(parser, words[i])) return 1;
    }
    return 0;
}

enum list_kind { LIST_OF_LINE, LIST_INSIDE };

static struct node *parse_list(struct parser *parser, enum list_kind kind) {
    struct node *list = NULL;
    for (;;) {
        struct node *command = parse_and_or(parser);
        if (!command) return NULL;
        int separated = parser->token == TOKEN_SEMICOLON || parser->token == TOKEN_AMPERSAND;
        if (parser->token == TOKEN_AMPERSAND) {
            command = new_pair(parser, NODE_BACKGROUND, command, NULL);
        }
        list = list ? new_pair(parser, NODE_SEQUENCE, list, command) : command;
        if (separated) advance(parser);
        if (kind == LIST_INSIDE && parser->token == TOKEN_NEWLINE) {
            separated = 1;
            skip_newlines(parser);
        }
        if (!separated || parser->token == TOKEN_NEWLINE || ends_list(parser)) return list;
    }
}

struct node *parse_inner_list(struct parser *parser) {
    skip_newlines(parser);
    return parse_list(parser, LIST_INSIDE);
}

enum parse_result parse_line(struct parser *parser, struct node **tree) {
    *tree = NULL;
    advance(parser);
    if (parser->failed) return PARSE_FAILED;
    if (parser->token == TOKEN_NEWLINE) return PARSE_LINE;
    if (parser->token == TOKEN_END) return PARSE_END;
    *tree = parse_list(parser, LIST_OF_LINE);
    if (*tree && parser->token != TOKEN_NEWLINE && parser->token != TOKEN_END) {
        unexpected_token(parser);
    }
    return parser->failed || !*tree ? PARSE_FAILED : PARSE_LINE;
}
