// The text as a table of lines, each with memory of its own.
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "util.h"

struct text text;
struct place cursor;

int is_before(struct place a, struct place b) {
    return a.line != b.line ? a.line < b.line : a.byte < b.byte;
}

// `count` lines more, empty, before line `at`.
static void open_lines(size_t at, size_t count) {
    if (text.count + count > text.room) {
        text.room = (text.count + count) * 2;
        text.lines = need_memory(text.lines, text.room * sizeof *text.lines);
    }
    memmove(text.lines + at + count, text.lines + at, (text.count - at) * sizeof *text.lines);
    memset(text.lines + at, 0, count * sizeof *text.lines);
    text.count += count;
}

void text_start(void) {
    if (text.count == 0) open_lines(0, 1);
}

static void insert_in_line(struct line *line, size_t at, const char *bytes, size_t size) {
    if (line->size + size > line->room) {
        size_t room = line->size + size + line->size / 4 + 16;
        line->text = need_memory(line->text, room);
        line->room = room;
    }
    if (size == 0) return;
    memmove(line->text + at + size, line->text + at, line->size - at);
    memcpy(line->text + at, bytes, size);
    line->size += size;
}

static size_t count_newlines(const char *bytes, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++) count += bytes[i] == '\n';
    return count;
}

struct place insert_bytes(struct place at, const char *bytes, size_t size) {
    size_t newlines = count_newlines(bytes, size);
    text.changed = 1;
    if (newlines == 0) {
        insert_in_line(&text.lines[at.line], at.byte, bytes, size);
        return (struct place){at.line, at.byte + size};
    }
    open_lines(at.line + 1, newlines);
    // What stood behind the place goes to the last of the new lines, then the pieces to their own.
    struct line *first = &text.lines[at.line], *last = first + newlines;
    insert_in_line(last, 0, first->text + at.byte, first->size - at.byte);
    first->size = at.byte;
    struct place end = {at.line + newlines, 0};
    for (struct line *line = first; line <= last; line++) {
        const char *newline = memchr(bytes, '\n', size);
        size_t piece = newline ? (size_t)(newline - bytes) : size;
        insert_in_line(line, line == first ? at.byte : 0, bytes, piece);
        end.byte = piece;
        bytes += piece + 1;
        size -= newline ? piece + 1 : piece;
    }
    return end;
}

char *copy_bytes_of(struct place start, struct place end, size_t *size) {
    *size = 0;
    for (size_t line = start.line; line <= end.line; line++) {
        size_t from = line == start.line ? start.byte : 0;
        *size += (line == end.line ? end.byte : text.lines[line].size + 1) - from;
    }
    char *copy = need_memory(NULL, *size), *next = copy;
    for (size_t line = start.line; line <= end.line; line++) {
        size_t from = line == start.line ? start.byte : 0;
        size_t to = line == end.line ? end.byte : text.lines[line].size;
        if (to > from) memcpy(next, text.lines[line].text + from, to - from);
        next += to - from;
        if (line < end.line) *next++ = '\n';
    }
    return copy;
}

void remove_bytes(struct place start, struct place end) {
    struct line *first = &text.lines[start.line], *last = &text.lines[end.line];
    text.changed = 1;
    if (first == last) {
        memmove(first->text + start.byte, first->text + end.byte, first->size - end.byte);
        first->size -= end.byte - start.byte;
        return;
    }
    first->size = start.byte;
    insert_in_line(first, start.byte, last->text + end.byte, last->size - end.byte);
    for (struct line *line = first + 1; line <= last; line++) free(line->text);
    memmove(first + 1, last + 1, (text.count - end.line - 1) * sizeof *first);
    text.count -= end.line - start.line;
}
