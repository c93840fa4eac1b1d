// The screen: the text from its first visible line and column, a line about the file, and a line for
// keys, messages and questions. Only lines that look different from before are sent.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "util.h"

#define SCROLL_ASIDE 8  // columns more than needed

static const char key_names[] =
    "^S Save  ^Q Quit  ^F Find  ^N Next  ^G Line  ^X Cut  ^C Copy  ^V Paste  ^U Undo  ^R Redo";

int rows, columns;
static size_t top;    // the first line shown
static int left;      // the first column
static char **shown;  // what each row of the screen holds
static int shown_rows;
static char message[256];

// A row under construction.
static struct {
    char *text;
    size_t size, room;
} row;

static void add(const char *bytes, size_t size) {
    if (row.size + size + 1 > row.room)
        row.text = need_memory(row.text, row.room = (row.size + size + 1) * 2);
    memcpy(row.text + row.size, bytes, size);
    row.size += size;
    row.text[row.size] = '\0';
}

int text_rows(void) {
    return rows > 3 ? rows - 2 : 1;
}

void measure_screen(void) {
    for (int i = 0; i < shown_rows; i++) free(shown[i]);
    screen_size(&rows, &columns);
    shown = need_memory(shown, (size_t)rows * sizeof *shown);
    memset(shown, 0, (size_t)rows * sizeof *shown);
    shown_rows = rows;
}

void redraw(void) {
    measure_screen();
    fputs("\033[0m\033[2J", stdout);
    draw();
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
}

// Sends the row under construction to where it belongs, unless it is there.
static void show_row(int index) {
    add("", 0);
    if (shown[index] && strcmp(shown[index], row.text) == 0) return;
    free(shown[index]);
    shown[index] = need_copy(row.text);
    printf("\033[%d;1H%s\033[0m\033[K", index + 1, row.text);
}

// What of a line is visible. A character that the left border cuts is shown as blanks.
static void build_line(const struct line *line) {
    row.size = 0;
    int column = 0;
    for (size_t at = 0; at < line->size && column < left + columns;) {
        struct glyph glyph = glyph_at(line->text + at, line->size - at, column);
        int visible = column >= left && column + glyph.columns <= left + columns;
        if (visible && glyph.shown[0]) add(glyph.shown, strlen(glyph.shown));
        else
            for (int i = column < left ? left : column;
                 i < column + glyph.columns && i < left + columns; i++)
                add(" ", 1);
        column += glyph.columns;
        at += glyph.bytes;
    }
}

// Text for one row, cut at the border; not all bytes of a name need to be printable.
static void add_cut(const char *bytes, int most) {
    int column = 0;
    for (size_t at = 0, size = strlen(bytes); at < size;) {
        struct glyph glyph = glyph_at(bytes + at, size - at, column);
        if (column + glyph.columns > most) break;
        add(glyph.shown[0] ? glyph.shown : " ", glyph.shown[0] ? strlen(glyph.shown) : 1);
        column += glyph.columns;
        at += glyph.bytes;
    }
}

static void draw_status(void) {
    char status[512], where[64];
    const struct line *line = &text.lines[cursor.line];
    snprintf(where, sizeof where, "line %zu of %zu, column %d ", cursor.line + 1, text.count,
             column_of(line, cursor.byte) + 1);
    int space = columns - (int)strlen(where);
    snprintf(status, sizeof status, " %.300s%s", file_name ? file_name : "(no name)",
             text.changed ? "  [changed]" : "");
    row.size = 0;
    add("\033[7m", 4);
    size_t before = row.size;
    add_cut(status, space > 0 ? space : 0);
    // Bytes are not columns where the name is not ASCII; the rest of the row is filled all the same.
    for (int i = (int)(row.size - before); i < space; i++) add(" ", 1);
    add_cut(where, columns);
    if (rows > 2) show_row(rows - 2);
}

static void draw_last_row(void) {
    row.size = 0;
    add_cut(message[0] ? message : key_names, columns - 1);
    if (rows > 1) show_row(rows - 1);
}

static void follow_cursor(int column) {
    size_t height = (size_t)text_rows();
    if (cursor.line < top) top = cursor.line;
    if (cursor.line >= top + height) top = cursor.line - height + 1;
    if (column < left) left = column > SCROLL_ASIDE ? column - SCROLL_ASIDE : 0;
    if (column >= left + columns) left = column - columns + 1 + SCROLL_ASIDE;
    if (columns <= SCROLL_ASIDE && column >= left + columns) left = column;
}

void draw(void) {
    int column = column_of(&text.lines[cursor.line], cursor.byte);
    follow_cursor(column);
    fputs("\033[?25l", stdout);
    for (int i = 0; i < text_rows() && i < rows; i++) {
        row.size = 0;
        if (top + (size_t)i < text.count) build_line(&text.lines[top + (size_t)i]);
        else add("~", 1);
        show_row(i);
    }
    draw_status();
    draw_last_row();
    printf("\033[%d;%dH\033[?25h", (int)(cursor.line - top) + 1, column - left + 1);
    fflush(stdout);
    message[0] = '\0';
}

void draw_question(const char *question, const char *answer) {
    row.size = 0;
    add_cut(question, columns - 1);
    int used = (int)row.size, space = columns - 1 - used;
    // Of a long answer its end.
    size_t size = strlen(answer), skip = size > (size_t)(space > 1 ? space : 1)
                                             ? size - (size_t)(space > 1 ? space : 1)
                                             : 0;
    while (answer[skip] && ((unsigned char)answer[skip] & 0xc0) == 0x80) skip++;
    add_cut(answer + skip, space > 0 ? space : 0);
    show_row(rows - 1);
    printf("\033[%d;%dH", rows,
           used + column_of(&(struct line){(char *)answer + skip, size - skip, 0}, size - skip) +
               1);
    fflush(stdout);
}
