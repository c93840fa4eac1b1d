// Text to tokens. A word keeps its quotes: what they mean is decided when it is expanded.
// Reference: POSIX, Shell Command Language, 2.3 "Token Recognition".
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct buffer {
    char *text;
    size_t length, room;
};

static void append_byte(struct buffer *buffer, int c) {
    if (buffer->length + 1 >= buffer->room) {
        buffer->room = buffer->room ? buffer->room * 2 : 64;
        buffer->text = need(realloc(buffer->text, buffer->room));
    }
    buffer->text[buffer->length++] = (char)c;
    buffer->text[buffer->length] = 0;
}

void *syntax_error(struct parser *parser, const char *text) {
    if (!parser->failed && !parser->source->interrupted) {
        shell.line = parser->line;
        report_error(2, "Syntax error: %s", text);
    }
    parser->failed = 1;
    return NULL;
}

void *unexpected_token(struct parser *parser) {
    static const char *const texts[] = {
        [TOKEN_PIPE] = "|",        [TOKEN_AND_IF] = "&&",     [TOKEN_OR_IF] = "||",
        [TOKEN_AMPERSAND] = "&",   [TOKEN_SEMICOLON] = ";",   [TOKEN_OPEN] = "(",
        [TOKEN_HERE] = "<<",       [TOKEN_HERE_TABS] = "<<-", [TOKEN_DOUBLE_SEMICOLON] = ";;",
        [TOKEN_CLOSE] = ")",       [TOKEN_LESS] = "<",        [TOKEN_GREAT] = ">",
        [TOKEN_APPEND] = ">>",     [TOKEN_LESS_AND] = "<&",   [TOKEN_GREAT_AND] = ">&",
        [TOKEN_LESS_GREAT] = "<>", [TOKEN_CLOBBER] = ">|",
    };
    char text[96];
    switch (parser->token) {
    case TOKEN_END: return syntax_error(parser, "end of file unexpected");
    case TOKEN_NEWLINE: return syntax_error(parser, "newline unexpected");
    case TOKEN_WORD:
        if (ends_list(parser)) {
            snprintf(text, sizeof(text), "\"%s\" unexpected", parser->text);
            return syntax_error(parser, text);
        }
        // fall through
    case TOKEN_IO_NUMBER:
        snprintf(text, sizeof(text), "word \"%.60s\" unexpected", parser->text);
        return syntax_error(parser, text);
    default:
        snprintf(text, sizeof(text), "\"%s\" unexpected", texts[parser->token]);
        return syntax_error(parser, text);
    }
}

// The next character outside single quotes: a backslash in front of a newline joins two lines.
static int peek(struct parser *parser) {
    for (;;) {
        int c = source_peek(parser->source);
        if (c != '\\') return c;
        source_next(parser->source);
        if (source_peek(parser->source) != '\n') {
            source_push(parser->source, '\\');
            return '\\';
        }
        source_next(parser->source);
    }
}

static int next(struct parser *parser) {
    int c = peek(parser);
    if (c >= 0) source_next(parser->source);
    return c;
}

static int take_if(struct parser *parser, int c) {
    if (peek(parser) != c) return 0;
    source_next(parser->source);
    return 1;
}

static void copy_until(struct parser *parser, struct buffer *word, char stop);

// What begins with the character `c`, already taken, up to its end: the rest of a quotation or of
// an expansion.
static void copy_nested(struct parser *parser, struct buffer *word, int c) {
    append_byte(word, c);
    if (c == '\\') {
        int escaped = source_next(parser->source);
        if (escaped >= 0) append_byte(word, escaped);
    } else if (c == '\'' || c == '"' || c == '`') {
        copy_until(parser, word, (char)c);
    } else if (c == '$' && (peek(parser) == '{' || peek(parser) == '(')) {
        c = next(parser);
        append_byte(word, c);
        copy_until(parser, word, c == '{' ? '}' : ')');
    }
}

static void copy_until(struct parser *parser, struct buffer *word, char stop) {
    int depth = 0;  // of plain parentheses inside $( )
    for (;;) {
        int c = stop == '\'' ? source_next(parser->source) : next(parser);
        if (c < 0) {
            syntax_error(parser, stop == '}'   ? "Missing '}'"
                                 : stop == ')' ? "end of file unexpected (expecting \")\")"
                                               : "Unterminated quoted string");
            return;
        }
        if (c == stop && depth == 0) {
            append_byte(word, c);
            return;
        }
        if (stop == ')' && (c == '(' || c == ')')) depth += c == '(' ? 1 : -1;
        // Inside double quotes single ones mean nothing; inside single ones nothing means anything.
        int plain = stop == '\'' || (stop == '"' && (c == '\'' || c == '"'));
        if (!plain && c != 0 && strchr("\\'\"`$", c)) copy_nested(parser, word, c);
        else append_byte(word, c);
    }
}

static int ends_word(int c) {
    return c < 0 || c == 0 || strchr(" \t\n;&|<>()", c) != NULL;
}

static void read_word(struct parser *parser) {
    struct buffer word = {NULL, 0, 0};
    do {
        copy_nested(parser, &word, next(parser));
    } while (!parser->failed && !ends_word(peek(parser)));
    int digits = word.text && strspn(word.text, "0123456789") == word.length;
    int follows = source_peek(parser->source);
    int redirects = follows == '<' || follows == '>';
    parser->token = digits && redirects ? TOKEN_IO_NUMBER : TOKEN_WORD;
    parser->text = arena_copy(parser->arena, word.text ? word.text : "", word.length);
    free(word.text);
}

static enum token operator_token(struct parser *parser, int c) {
    switch (c) {
    case '\n': return TOKEN_NEWLINE;
    case ';': return take_if(parser, ';') ? TOKEN_DOUBLE_SEMICOLON : TOKEN_SEMICOLON;
    case '(': return TOKEN_OPEN;
    case ')': return TOKEN_CLOSE;
    case '|': return take_if(parser, '|') ? TOKEN_OR_IF : TOKEN_PIPE;
    case '&': return take_if(parser, '&') ? TOKEN_AND_IF : TOKEN_AMPERSAND;
    case '<':
        if (take_if(parser, '&')) return TOKEN_LESS_AND;
        if (take_if(parser, '<')) return take_if(parser, '-') ? TOKEN_HERE_TABS : TOKEN_HERE;
        return take_if(parser, '>') ? TOKEN_LESS_GREAT : TOKEN_LESS;
    default:
        if (take_if(parser, '>')) return TOKEN_APPEND;
        if (take_if(parser, '&')) return TOKEN_GREAT_AND;
        return take_if(parser, '|') ? TOKEN_CLOBBER : TOKEN_GREAT;
    }
}

void expect_here_document(struct parser *parser, struct redirection *redirection) {
    if (redirection->kind != REDIRECT_HERE && redirection->kind != REDIRECT_HERE_TABS) return;
    struct redirection **end = &parser->here_documents;
    while (*end) end = &(*end)->next_here;
    *end = redirection;
}

// The word that ends a here-document, without its quotes.
static char *without_quotes(struct parser *parser, const char *text, int *quoted) {
    char *plain = arena_copy(parser->arena, text, strlen(text)), *to = plain;
    for (char quote = 0; *text; text++) {
        if (*text == quote || (!quote && (*text == '\'' || *text == '"'))) {
            quote = quote ? 0 : *text;
            *quoted = 1;
            continue;
        }
        if (*text == '\\' && text[1] && quote != '\'') {
            *quoted = 1;
            text++;
        }
        *to++ = *text;
    }
    *to = 0;
    return plain;
}

// One line without its newline, and without null bytes, appended; 0 at the end of the text.
static int read_raw_line(struct parser *parser, struct buffer *line) {
    int c = source_next(parser->source);
    if (c < 0) return 0;
    for (; c >= 0 && c != '\n'; c = source_next(parser->source)) {
        if (c != 0) append_byte(line, c);
    }
    return 1;
}

static void read_here_document(struct parser *parser, struct redirection *redirection) {
    struct buffer body = {NULL, 0, 0};
    const char *end = without_quotes(parser, redirection->target, &redirection->literal);
    int tabs = redirection->kind == REDIRECT_HERE_TABS;
    for (;;) {
        struct buffer line = {NULL, 0, 0};
        int more = read_raw_line(parser, &line);
        const char *text = line.text ? line.text : "";
        size_t length = line.length;
        for (; tabs && *text == '\t'; text++) length--;
        int last = !more || strcmp(text, end) == 0;
        if (!last) {
            // A backslash at the end joins lines, where it means anything.
            int joins = !redirection->literal && length > 0 && text[length - 1] == '\\';
            for (size_t i = 0; i < length - (size_t)joins; i++) append_byte(&body, text[i]);
            if (!joins) append_byte(&body, '\n');
        }
        free(line.text);
        if (last) break;
    }
    redirection->body = arena_copy(parser->arena, body.text ? body.text : "", body.length);
    free(body.text);
}

static void read_here_documents(struct parser *parser) {
    for (; parser->here_documents; parser->here_documents = parser->here_documents->next_here) {
        read_here_document(parser, parser->here_documents);
    }
}

void advance(struct parser *parser) {
    while (peek(parser) == ' ' || peek(parser) == '\t') next(parser);
    if (peek(parser) == '#') {
        while (source_peek(parser->source) >= 0 && source_peek(parser->source) != '\n') {
            source_next(parser->source);
        }
    }
    int c = peek(parser);
    parser->text = NULL;
    parser->line = parser->source->line;
    if (c < 0) {
        parser->token = TOKEN_END;
    } else if (ends_word(c)) {
        next(parser);
        parser->token = operator_token(parser, c);
        if (parser->token == TOKEN_NEWLINE) read_here_documents(parser);
    } else {
        read_word(parser);
    }
}
