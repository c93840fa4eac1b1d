// edit: a small editor that fills the screen. Its files, from the bottom up:
//
//   text.c      the lines, and the two changes that everything is made of: insert and remove
//   undo.c      taking changes back, and making them again
//   utf8.c      characters: where they begin, how many columns they take
//   file.c      reading, saving so that nothing is lost, and saving in an emergency
//   keys.c      what is typed: characters and keys, from bytes
//   view.c      what of the text is on the screen, and drawing what has changed there
//   prompt.c    questions on the last line
//   move.c      where the cursor goes
//   commands.c  what each key does
//   main.c      options, signals, the loop
#pragma once

#include <stddef.h>
#include <sys/types.h>

// A place in the text: between two bytes of a line.
struct place {
    size_t line, byte;
};

struct line {
    char *text;  // no newline, no NUL
    size_t size, room;
};

// The text. A file "a\n" has two lines, the second empty, so that every file keeps its end as it is.
struct text {
    struct line *lines;
    size_t count, room;
    int changed;  // since it was read or saved
};

extern struct text text;
extern struct place cursor;

// ---- text.c ----

void text_start(void);  // one empty line
int is_before(struct place a, struct place b);
// Inserts bytes, which may hold newlines; returns the place behind them.
struct place insert_bytes(struct place at, const char *bytes, size_t size);
// The bytes from `start` to `end`, to be freed.
char *copy_bytes_of(struct place start, struct place end, size_t *size);
void remove_bytes(struct place start, struct place end);

// ---- undo.c ----

// Changes of the text that can be taken back. What happens between two calls of next_step() is one
// step, and so is typing on and on.
enum step { STEP_TYPING, STEP_OTHER };
void next_step(enum step kind);
void change_insert(const char *bytes, size_t size);        // at the cursor, which moves behind it
void change_remove(struct place start, struct place end);  // the cursor is at `start` then
int undo(void);                                            // 0: there is nothing
int redo(void);
// What is on the disk is what is shown now, or was when saving failed.
void mark_saved(void);

// ---- utf8.c ----

// One character of `size` bytes at most: how many bytes and columns it takes (at `column`: tabs), and
// how it is shown. Bytes that are no UTF-8, and control characters, are shown as \xff and ^A.
struct glyph {
    size_t bytes;
    int columns;
    char shown[8];
};
struct glyph glyph_at(const char *bytes, size_t size, int column);
size_t next_character(const struct line *line, size_t byte);
size_t previous_character(const struct line *line, size_t byte);
int column_of(const struct line *line, size_t byte);
size_t byte_of_column(const struct line *line, int column);  // the character there, or the end

// ---- file.c ----

extern char *file_name;  // NULL: none yet
// Reads it, or starts an empty text where there is none. 0, or -1 with errno.
int read_file(const char *name);
// Whether the file is another than was read or saved last.
int file_has_changed(void);
// Writes a new file beside the old one and puts it in its place. 0, or -1 with errno: then the old
// one is as it was, and so is the text.
int save_file(void);
// To FILE.save, without asking and without memory. The name, or NULL with errno.
const char *save_in_emergency(void);

// ---- keys.c ----

// A byte below 256 is itself; ^A is 1.
enum key {
    KEY_UP = 256,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_START_OF_TEXT,
    KEY_END_OF_TEXT,
    KEY_DELETE,
    KEY_INSERT,
    KEY_ESCAPE,
    KEY_UNKNOWN,
    KEY_SIGNAL,  // none: a signal came
    KEY_GONE,    // the terminal is
};
#define CONTROL(letter) ((letter)&0x1f)
int read_key(void);
int key_is_waiting(void);

// ---- view.c ----

extern int rows, columns;  // of the screen
void measure_screen(void);
void draw(void);
void redraw(void);  // all of it, whatever is there
int text_rows(void);
// Shown on the last line until the next key, instead of the keys.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void draw_question(const char *question, const char *answer);

// ---- prompt.c ----

// The answer, valid until the next question, or NULL.
const char *ask(const char *question, const char *proposal);
// The letter chosen out of `letters`, or 0.
int ask_letter(const char *question, const char *letters);

// ---- move.c ----

int move_by_key(int key);  // 0: that key moves nothing
int find(const char *what, size_t size);
void go_to_line(long long number);  // from 1

// ---- commands.c ----

void run_key(int key);
extern int wants_to_end;

// ---- main.c ----

void handle_signals(void);
void suspend(void);
