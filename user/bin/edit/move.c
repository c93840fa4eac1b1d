// Where the cursor goes. Up and down keep the column from which they began, through shorter lines.
#include <ctype.h>
#include <string.h>

#include "edit.h"

static int wanted_column = -1;

static struct line *here(void) {
    return &text.lines[cursor.line];
}

static void move_lines(long count) {
    if (wanted_column < 0) wanted_column = column_of(here(), cursor.byte);
    long line = (long)cursor.line + count;
    cursor.line = line < 0 ? 0 : line >= (long)text.count ? text.count - 1 : (size_t)line;
    cursor.byte = byte_of_column(here(), wanted_column);
}

static void move_right(void) {
    if (cursor.byte < here()->size) cursor.byte = next_character(here(), cursor.byte);
    else if (cursor.line + 1 < text.count) cursor = (struct place){cursor.line + 1, 0};
}

static void move_left(void) {
    if (cursor.byte > 0) cursor.byte = previous_character(here(), cursor.byte);
    else if (cursor.line > 0)
        cursor = (struct place){cursor.line - 1, text.lines[cursor.line - 1].size};
}

static int is_word_byte(struct place at) {
    const struct line *line = &text.lines[at.line];
    if (at.byte >= line->size) return 0;
    unsigned char c = (unsigned char)line->text[at.byte];
    return isalnum(c) || c == '_' || c >= 0x80;
}

static int is_at_end(void) {
    return cursor.line + 1 == text.count && cursor.byte == here()->size;
}

static void move_word_right(void) {
    while (!is_at_end() && !is_word_byte(cursor)) move_right();
    while (is_word_byte(cursor)) move_right();
}

static int word_is_before(void) {
    return cursor.byte > 0 &&
           is_word_byte((struct place){cursor.line, previous_character(here(), cursor.byte)});
}

static void move_word_left(void) {
    while ((cursor.line > 0 || cursor.byte > 0) && !word_is_before()) move_left();
    while (word_is_before()) move_left();
}

int move_by_key(int key) {
    int up_or_down = 1;
    switch (key) {
    case KEY_UP: move_lines(-1); break;
    case KEY_DOWN: move_lines(1); break;
    case KEY_PAGE_UP: move_lines(-text_rows()); break;
    case KEY_PAGE_DOWN: move_lines(text_rows()); break;
    default: up_or_down = 0;
    }
    if (!up_or_down) wanted_column = -1;
    switch (key) {
    case KEY_LEFT: move_left(); return 1;
    case KEY_RIGHT: move_right(); return 1;
    case KEY_WORD_LEFT: move_word_left(); return 1;
    case KEY_WORD_RIGHT: move_word_right(); return 1;
    case KEY_HOME: cursor.byte = 0; return 1;
    case KEY_END: cursor.byte = here()->size; return 1;
    case KEY_START_OF_TEXT: cursor = (struct place){0, 0}; return 1;
    case KEY_END_OF_TEXT:
        cursor = (struct place){text.count - 1, text.lines[text.count - 1].size};
        return 1;
    default: return up_or_down;
    }
}

// In one line, from a byte on; -1 where it is not there.
static long find_in_line(const struct line *line, size_t from, const char *what, size_t size) {
    if (from > line->size || size > line->size - from) return -1;
    const char *found = memmem(line->text + from, line->size - from, what, size);
    return found ? found - line->text : -1;
}

// Behind the cursor, and from the start of the text on if there is none left.
int find(const char *what, size_t size) {
    for (size_t i = 0; i <= text.count; i++) {
        size_t line = (cursor.line + i) % text.count;
        long at = find_in_line(&text.lines[line], i == 0 ? cursor.byte + 1 : 0, what, size);
        if (at < 0) continue;
        int is_wrapped = line < cursor.line || (line == cursor.line && (size_t)at <= cursor.byte);
        cursor = (struct place){line, (size_t)at};
        return is_wrapped ? 2 : 1;
    }
    return 0;
}

void go_to_line(long long number) {
    long long last = (long long)text.count;
    cursor.line = (size_t)((number < 1 ? 1 : number > last ? last : number) - 1);
    cursor.byte = 0;
    wanted_column = -1;
}
