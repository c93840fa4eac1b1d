// Compound commands: what holds lists together.
//     compound := '(' list ')' | '{' list '}'
//               | 'if' list 'then' list { 'elif' list 'then' list } [ 'else' list ] 'fi'
//               | ( 'while' | 'until' ) list 'do' list 'done'
//               | 'for' name [ newlines 'in' { word } ( ';' | newline ) ] newlines 'do' list 'done'
//               | 'case' word newlines 'in' { [ '(' ] word { '|' word } ')' [ list ] ';;' } 'esac'
//     function := name '(' ')' newlines compound { redirection }
// Redirections behind a compound command are parse_pipeline.c's.
#include <string.h>

#include "sh.h"

int starts_compound(const struct parser *parser) {
    static const char *const words[] = {"{", "if", "while", "until", "for", "case"};
    if (parser->token == TOKEN_OPEN) return 1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (at_reserved(parser, words[i])) return 1;
    }
    return parser->token == TOKEN_WORD && ends_list(parser);
}

// Takes the reserved word, or reports what is there instead.
static int take_word(struct parser *parser, const char *word) {
    if (!at_reserved(parser, word)) return unexpected_token(parser) != NULL;
    advance(parser);
    return 1;
}

static struct node *parse_group(struct parser *parser) {
    int subshell = parser->token == TOKEN_OPEN;
    struct node *node = new_node(parser, subshell ? NODE_SUBSHELL : NODE_GROUP);
    advance(parser);
    node->left = parse_inner_list(parser);
    if (!node->left) return NULL;
    int closed = subshell ? parser->token == TOKEN_CLOSE : at_reserved(parser, "}");
    if (!closed) return unexpected_token(parser);
    advance(parser);
    return node;
}

// At "if" or "elif"; what ends it is taken by the outermost.
static struct node *parse_if(struct parser *parser) {
    struct node *node = new_node(parser, NODE_IF);
    advance(parser);
    node->left = parse_inner_list(parser);
    if (!node->left || !take_word(parser, "then")) return NULL;
    node->right = parse_inner_list(parser);
    if (!node->right) return NULL;
    if (at_reserved(parser, "elif")) {
        node->otherwise = parse_if(parser);
        return node->otherwise ? node : NULL;
    }
    if (at_reserved(parser, "else")) {
        advance(parser);
        node->otherwise = parse_inner_list(parser);
        if (!node->otherwise) return NULL;
    }
    return take_word(parser, "fi") ? node : NULL;
}

// do list done
static struct node *parse_body(struct parser *parser, struct node *node) {
    if (!take_word(parser, "do")) return NULL;
    node->right = parse_inner_list(parser);
    return node->right && take_word(parser, "done") ? node : NULL;
}

static struct node *parse_loop(struct parser *parser) {
    struct node *node = new_node(parser, NODE_LOOP);
    node->negated = at_reserved(parser, "until");
    advance(parser);
    node->left = parse_inner_list(parser);
    return node->left ? parse_body(parser, node) : NULL;
}

static struct node *parse_for(struct parser *parser) {
    struct node *node = new_node(parser, NODE_FOR);
    advance(parser);
    if (parser->token != TOKEN_WORD) return unexpected_token(parser);
    if (name_length(parser->text) != strlen(parser->text)) {
        return syntax_error(parser, "Bad for loop variable");
    }
    append_word(parser, &node->words, parser->text);
    advance(parser);
    int separated = parser->token == TOKEN_SEMICOLON;
    if (separated) advance(parser);
    skip_newlines(parser);
    node->all_arguments = separated || !at_reserved(parser, "in");
    if (!node->all_arguments) {
        for (advance(parser); parser->token == TOKEN_WORD; advance(parser)) {
            append_word(parser, &node->words, parser->text);
        }
        if (parser->token != TOKEN_SEMICOLON && parser->token != TOKEN_NEWLINE) {
            return unexpected_token(parser);
        }
        advance(parser);
        skip_newlines(parser);
    }
    return parse_body(parser, node);
}

static struct case_item *parse_case_item(struct parser *parser) {
    struct case_item *item = arena_take(parser->arena, sizeof(struct case_item));
    if (parser->token == TOKEN_OPEN) advance(parser);
    for (;;) {
        if (parser->token != TOKEN_WORD) return unexpected_token(parser);
        append_word(parser, &item->patterns, parser->text);
        advance(parser);
        if (parser->token != TOKEN_PIPE) break;
        advance(parser);
    }
    if (parser->token != TOKEN_CLOSE) return unexpected_token(parser);
    advance(parser);
    skip_newlines(parser);
    int empty = parser->token == TOKEN_DOUBLE_SEMICOLON || at_reserved(parser, "esac");
    if (!empty && !(item->body = parse_inner_list(parser))) return NULL;
    if (parser->token == TOKEN_DOUBLE_SEMICOLON) advance(parser);
    else if (!at_reserved(parser, "esac")) return unexpected_token(parser);
    skip_newlines(parser);
    return item;
}

static struct node *parse_case(struct parser *parser) {
    struct node *node = new_node(parser, NODE_CASE);
    advance(parser);
    if (parser->token != TOKEN_WORD) return unexpected_token(parser);
    append_word(parser, &node->words, parser->text);
    advance(parser);
    skip_newlines(parser);
    if (!take_word(parser, "in")) return NULL;
    skip_newlines(parser);
    for (struct case_item **end = &node->cases; !at_reserved(parser, "esac");) {
        *end = parse_case_item(parser);
        if (!*end) return NULL;
        end = &(*end)->next;
    }
    advance(parser);
    return node;
}

struct node *parse_compound(struct parser *parser) {
    if (parser->token == TOKEN_OPEN || at_reserved(parser, "{")) return parse_group(parser);
    if (at_reserved(parser, "if")) return parse_if(parser);
    if (at_reserved(parser, "for")) return parse_for(parser);
    if (at_reserved(parser, "case")) return parse_case(parser);
    if (ends_list(parser)) return unexpected_token(parser);
    return parse_loop(parser);
}

struct node *parse_function(struct parser *parser, struct node *name) {
    int plain = name->words && !name->words->next && !name->assignments && !name->redirections;
    if (!plain) return unexpected_token(parser);
    advance(parser);
    if (parser->token != TOKEN_CLOSE) return unexpected_token(parser);
    if (name_length(name->words->text) != strlen(name->words->text)) {
        return syntax_error(parser, "Bad function name");
    }
    advance(parser);
    skip_newlines(parser);
    struct node *node = new_node(parser, NODE_FUNCTION);
    node->words = name->words;
    node->arena = parser->arena;
    node->left = parse_pipeline(parser);  // its redirections too
    return node->left ? node : NULL;
}
