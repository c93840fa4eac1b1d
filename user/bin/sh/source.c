// Where the shell's text comes from: a string, a script, or a person at a terminal, who is prompted
// for each line.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

#define PIECE 4096

void source_from_text(struct source *source, const char *text) {
    *source = (struct source){.fd = -1, .line = 1};
    source->text = need(strdup(text));
    source->size = strlen(text);
}

void source_from_file(struct source *source, int fd) {
    *source = (struct source){.fd = fd, .line = 1, .text = need(malloc(PIECE))};
}

void source_close(struct source *source) {
    free(source->text);
}

void source_forget_line(struct source *source) {
    source->position = source->size;
    source->pushed = 0;
    source->interrupted = 0;
}

// A line from the editor.
static int refill_edited(struct source *source) {
    char *line = edit_line(source->prompt);
    if (shell.interrupted) source->interrupted = 1;
    if (!line) return 0;
    free(source->text);
    source->text = line;
    source->position = 0;
    source->size = strlen(line);
    return 1;
}

// Reads more. A terminal gives a line at a time. From standard input that is no terminal, single
// bytes are read: what follows the command belongs to the command.
static int refill(struct source *source) {
    if (source->fd < 0 || source->interrupted) return 0;
    if (source->edited) return refill_edited(source);
    if (source->interactive) (void)!write(STDERR_FILENO, source->prompt, strlen(source->prompt));
    size_t size = source->fd == STDIN_FILENO && !source->interactive ? 1 : PIECE;
    ssize_t length = read_unless_interrupted(source->fd, source->text, size);
    if (length < 0 && shell.interrupted) source->interrupted = 1;
    source->position = 0;
    source->size = length > 0 ? (size_t)length : 0;
    return length > 0;
}

void source_push(struct source *source, int c) {
    source->pushed = c;
}

int source_peek(struct source *source) {
    if (source->pushed) return source->pushed;
    if (source->position == source->size && !refill(source)) return -1;
    return (unsigned char)source->text[source->position];
}

int source_next(struct source *source) {
    int c = source_peek(source);
    if (source->pushed) source->pushed = 0;
    else if (c >= 0) source->position++;
    if (c == '\n') {
        source->line++;
        const char *continuation = get_variable("PS2");
        source->prompt = continuation ? continuation : "> ";
    }
    return c;
}
