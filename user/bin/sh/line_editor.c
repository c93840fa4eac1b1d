// The line editor: one line of the terminal, edited with the keys of emacs, the arrows, history and
// completion. The terminal is raw only meanwhile; ^C still is a signal. A line longer than the screen
// is shown in part, around the cursor. Reference: console_codes(4).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "sh.h"

#define CONTROL(letter) ((letter)&0x1f)
#define ESCAPE 0x1b
#define DELETE 0x7f

struct editor {
    const char *prompt;
    char *text;
    size_t length, room;
    size_t cursor;
    size_t back;  // how far back in the history the line comes from; 0: typed
    char *typed;  // what was typed before going back
    int asked;    // the last key asked for completion, and there are several
};

static void say(const char *text, size_t length) {
    (void)!write(STDERR_FILENO, text, length);
}

static size_t screen_width(void) {
    struct winsize window;
    int known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0;
    return known ? window.ws_col : 80;
}

// Columns of UTF-8 text: one for each character.
static size_t columns(const char *text, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

static int inside_character(const struct editor *e, size_t at) {
    return at < e->length && ((unsigned char)e->text[at] & 0xc0) == 0x80;
}

// Draws the line anew: the part of it around the cursor that the screen has room for.
static void draw(const struct editor *e) {
    size_t room = screen_width() - columns(e->prompt, strlen(e->prompt)) - 1;
    size_t first = 0, end;
    while (columns(e->text + first, e->cursor - first) > room) first++;
    while (inside_character(e, first)) first++;
    for (end = first; end < e->length && columns(e->text + first, end + 1 - first) <= room;) end++;
    while (inside_character(e, end)) end++;
    char *out = need(malloc(strlen(e->prompt) + (end - first) + 48));
    int used = sprintf(out, "\r%s%.*s\x1b[K\r", e->prompt, (int)(end - first), e->text + first);
    size_t right =
        columns(e->prompt, strlen(e->prompt)) + columns(e->text + first, e->cursor - first);
    if (right > 0) used += sprintf(out + used, "\x1b[%zuC", right);
    say(out, (size_t)used);
    free(out);
}

static void insert(struct editor *e, const char *text, size_t length) {
    if (e->length + length + 2 > e->room) {
        e->room = (e->length + length + 2) * 2;
        e->text = need(realloc(e->text, e->room));
    }
    memmove(e->text + e->cursor + length, e->text + e->cursor, e->length - e->cursor);
    memcpy(e->text + e->cursor, text, length);
    e->length += length;
    e->cursor += length;
    e->text[e->length] = 0;
    size_t width = columns(e->prompt, strlen(e->prompt)) + columns(e->text, e->length);
    if (e->cursor == e->length && width + 1 < screen_width()) say(text, length);
    else draw(e);
}

static void cut(struct editor *e, size_t from, size_t to) {
    memmove(e->text + from, e->text + to, e->length - to + 1);
    e->length -= to - from;
    e->cursor = from;
    draw(e);
}

static size_t left_of(const struct editor *e, size_t at) {
    if (at > 0) at--;
    while (at > 0 && inside_character(e, at)) at--;
    return at;
}

static size_t right_of(const struct editor *e, size_t at) {
    if (at < e->length) at++;
    while (inside_character(e, at)) at++;
    return at;
}

static void move_to(struct editor *e, size_t at) {
    e->cursor = at;
    draw(e);
}

static void replace_all(struct editor *e, const char *text) {
    e->length = e->cursor = 0;
    e->text[0] = 0;
    insert(e, text, strlen(text));
    draw(e);
}

static void go_in_history(struct editor *e, int older) {
    if (!older && e->back == 0) return;
    size_t back = older ? e->back + 1 : e->back - 1;
    const char *line = back == 0 ? e->typed : history_line(back);
    if (!line) return;
    if (e->back == 0) {
        free(e->typed);
        e->typed = need(strdup(e->text));
    }
    e->back = back;
    replace_all(e, line);
}

static size_t common_length(char **list) {
    size_t length = strlen(list[0]);
    for (char **other = list + 1; *other; other++) {
        size_t same = 0;
        while (same < length && (*other)[same] == list[0][same]) same++;
        length = same;
    }
    return length;
}

static void complete(struct editor *e) {
    size_t start;
    char **list = completions(e->text, e->cursor, &start);
    size_t have = e->cursor - start, common = list[0] ? common_length(list) : 0;
    if (common > have) {
        insert(e, list[0] + have, common - have);
    } else if (list[0] && list[1] && e->asked) {
        say("\n", 1);
        for (char **name = list; *name; name++) {
            say(*name, strlen(*name));
            if (!strchr(*name, ' ')) say(" ", 1);
        }
        say("\n", 1);
        draw(e);
    }
    e->asked = list[0] && list[1];
    free_list(list);
}

// One at a time: what is typed behind the line is for the command.
static int next_byte(void) {
    unsigned char byte;
    return read_unless_interrupted(STDIN_FILENO, &byte, 1) == 1 ? byte : -1;
}

static void delete_right(struct editor *e) {
    if (e->cursor < e->length) cut(e, e->cursor, right_of(e, e->cursor));
}

// ESC [ letter, ESC [ digit ~, ESC O letter.
static void escape_sequence(struct editor *e) {
    int kind = next_byte(), key = kind == '[' || kind == 'O' ? next_byte() : -1;
    if (key >= '0' && key <= '9' && next_byte() != '~') return;
    switch (key) {
    case 'A': go_in_history(e, 1); break;
    case 'B': go_in_history(e, 0); break;
    case 'C': move_to(e, right_of(e, e->cursor)); break;
    case 'D': move_to(e, left_of(e, e->cursor)); break;
    case 'H':
    case '1':
    case '7': move_to(e, 0); break;
    case 'F':
    case '4':
    case '8': move_to(e, e->length); break;
    case '3': delete_right(e); break;
    default: break;
    }
}

static size_t word_before(const struct editor *e) {
    size_t at = e->cursor;
    while (at > 0 && e->text[at - 1] == ' ') at--;
    while (at > 0 && e->text[at - 1] != ' ') at--;
    return at;
}

// Whether the key ends the line: 1 with it, -1 at the end of the input.
static int handle_key(struct editor *e, int key) {
    if (key != '\t') e->asked = 0;
    switch (key) {
    case -1: return -1;
    case '\r':
    case '\n': return 1;
    case CONTROL('D'):
        if (e->length == 0) return -1;
        delete_right(e);
        break;
    case CONTROL('A'): move_to(e, 0); break;
    case CONTROL('E'): move_to(e, e->length); break;
    case CONTROL('B'): move_to(e, left_of(e, e->cursor)); break;
    case CONTROL('F'): move_to(e, right_of(e, e->cursor)); break;
    case CONTROL('P'): go_in_history(e, 1); break;
    case CONTROL('N'): go_in_history(e, 0); break;
    case CONTROL('K'):
        e->text[e->length = e->cursor] = 0;
        draw(e);
        break;
    case CONTROL('U'): cut(e, 0, e->cursor); break;
    case CONTROL('W'): cut(e, word_before(e), e->cursor); break;
    case CONTROL('L'):
        say("\x1b[H\x1b[2J", 7);
        draw(e);
        break;
    case CONTROL('H'):
    case DELETE:
        if (e->cursor > 0) cut(e, left_of(e, e->cursor), e->cursor);
        break;
    case '\t': complete(e); break;
    case ESCAPE: escape_sequence(e); break;
    default:
        if (key >= ' ') insert(e, &(char){(char)key}, 1);
        break;
    }
    return 0;
}

char *edit_line(const char *prompt) {
    struct editor e = {.prompt = prompt, .text = need(calloc(1, 64)), .room = 64};
    struct termios normal, raw;
    tcgetattr(STDIN_FILENO, &normal);
    raw = normal;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    say(prompt, strlen(prompt));
    int ended = 0;
    while (!ended) ended = handle_key(&e, next_byte());
    tcsetattr(STDIN_FILENO, TCSADRAIN, &normal);
    free(e.typed);
    if (ended < 0) {
        free(e.text);
        return NULL;
    }
    say("\n", 1);
    history_add(e.text);
    memcpy(e.text + e.length, "\n", 2);
    return e.text;
}
