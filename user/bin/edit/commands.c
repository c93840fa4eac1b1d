// What each key does.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "util.h"

int wants_to_end;

static struct {
    char *bytes;
    size_t size;
} clipboard;
static char sought[1024];
static int last_key;

// ---- Changes ----

static void type_byte(int key) {
    char byte = key == '\r' ? '\n' : (char)key;
    next_step(STEP_TYPING);
    change_insert(&byte, 1);
}

static void erase_before(void) {
    struct place end = cursor, start = cursor;
    if (start.byte > 0) start.byte = previous_character(&text.lines[start.line], start.byte);
    else if (start.line > 0)
        start = (struct place){start.line - 1, text.lines[start.line - 1].size};
    next_step(STEP_OTHER);
    change_remove(start, end);
}

static void erase_here(void) {
    struct place end = cursor;
    if (end.byte < text.lines[end.line].size)
        end.byte = next_character(&text.lines[end.line], end.byte);
    else if (end.line + 1 < text.count) end = (struct place){end.line + 1, 0};
    next_step(STEP_OTHER);
    change_remove(cursor, end);
}

// ---- Lines: cut and copy, several when the key is pressed several times ----

static struct place end_of_line(size_t line) {
    if (line + 1 < text.count) return (struct place){line + 1, 0};
    return (struct place){line, text.lines[line].size};
}

static void add_line_to_clipboard(int more) {
    size_t size;
    struct place start = {cursor.line, 0};
    char *bytes = copy_bytes_of(start, end_of_line(cursor.line), &size);
    size_t kept = more ? clipboard.size : 0;
    clipboard.bytes = need_memory(clipboard.bytes, kept + size);
    memcpy(clipboard.bytes + kept, bytes, size);
    clipboard.size = kept + size;
    free(bytes);
}

static void cut_line(void) {
    add_line_to_clipboard(last_key == CONTROL('X'));
    next_step(STEP_OTHER);
    change_remove((struct place){cursor.line, 0}, end_of_line(cursor.line));
}

static void copy_line(void) {
    add_line_to_clipboard(last_key == CONTROL('C'));
    if (cursor.line + 1 < text.count) cursor = (struct place){cursor.line + 1, 0};
    say("copied");
}

static void paste(void) {
    next_step(STEP_OTHER);
    change_insert(clipboard.bytes, clipboard.size);
}

// ---- Search and place ----

static void find_again(void) {
    if (!sought[0]) return say("nothing has been searched for");
    int found = find(sought, strlen(sought));
    if (!found) say("not found: %s", sought);
    if (found == 2) say("found from the start again");
}

static void find_what_is_asked(void) {
    const char *answer = ask("Find: ", sought);
    if (!answer || !*answer) return;
    strlcpy(sought, answer, sizeof sought);
    find_again();
}

static void go_where_is_asked(void) {
    long long number;
    const char *answer = ask("Line: ", NULL);
    if (!answer || !*answer) return;
    if (parse_number(answer, &number)) go_to_line(number);
    else say("not a number: %s", answer);
}

// ---- The file ----

// 1 if it is saved.
static int save(void) {
    if (!file_name) {
        const char *answer = ask("Save as: ", NULL);
        if (!answer || !*answer) return 0;
        file_name = need_copy(answer);
    }
    if (file_has_changed() &&
        ask_letter("The file on the disk is another by now. Replace it? (y/n) ", "yn") != 'y')
        return 0;
    if (save_file() != 0) {
        say("not saved: %s", strerror(errno));
        return 0;
    }
    say("saved: %zu lines", text.count - (text.lines[text.count - 1].size == 0));
    return 1;
}

static void quit(void) {
    if (text.changed) {
        int answer = ask_letter("Save the changes? (y/n, Escape: go on editing) ", "yn");
        if (answer == 0 || (answer == 'y' && !save())) return;
    }
    wants_to_end = 1;
}

static const struct command {
    int key;
    void (*run)(void);
} commands[] = {
    {CONTROL('C'), copy_line},
    {CONTROL('F'), find_what_is_asked},
    {CONTROL('G'), go_where_is_asked},
    {CONTROL('H'), erase_before},
    {CONTROL('L'), redraw},
    {CONTROL('N'), find_again},
    {CONTROL('Q'), quit},
    {CONTROL('V'), paste},
    {CONTROL('X'), cut_line},
    {CONTROL('Z'), suspend},
    {0x7f, erase_before},
    {KEY_DELETE, erase_here},
};

static int run_command(int key) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].key != key) continue;
        commands[i].run();
        return 1;
    }
    return 0;
}

void run_key(int key) {
    if (key == KEY_SIGNAL || key == KEY_GONE) return;
    if (key == CONTROL('S')) save();
    else if (key == CONTROL('U')) undo() ? (void)0 : say("nothing to undo");
    else if (key == CONTROL('R')) redo() ? (void)0 : say("nothing to do again");
    else if (!move_by_key(key) && !run_command(key)) {
        if (key == '\r' || key == '\t' || (key >= ' ' && key < 256)) type_byte(key);
        else say("that key does nothing; ^Q ends");
    }
    last_key = key;
}
