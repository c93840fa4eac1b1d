// Questions on the last line of the screen.
#include <stdio.h>
#include <string.h>

#include "edit.h"

static char answer[1024];

// 1: answered; 0: not yet; -1: given up.
static int take_key(int key) {
    size_t size = strlen(answer);
    struct line typed = {answer, size, 0};
    if (key == '\r' || key == '\n') return 1;
    if (key == KEY_ESCAPE || key == KEY_GONE || key == CONTROL('C') || key == CONTROL('G') ||
        key == CONTROL('Q'))
        return -1;
    if ((key == 0x7f || key == CONTROL('H')) && size > 0)
        answer[previous_character(&typed, size)] = '\0';
    else if (key == CONTROL('U')) answer[0] = '\0';
    else if (((key >= ' ' && key < 0x7f) || (key >= 0x80 && key < 256)) &&
             size + 1 < sizeof answer) {
        answer[size] = (char)key;
        answer[size + 1] = '\0';
    }
    return 0;
}

const char *ask(const char *question, const char *proposal) {
    int result = 0;
    snprintf(answer, sizeof answer, "%s", proposal ? proposal : "");
    while (result == 0) {
        draw_question(question, answer);
        int key = read_key();
        if (key == KEY_SIGNAL) handle_signals();
        result = take_key(key);
    }
    return result > 0 ? answer : NULL;
}

int ask_letter(const char *question, const char *letters) {
    for (;;) {
        draw_question(question, "");
        int key = read_key();
        if (key == KEY_SIGNAL) handle_signals();
        if (key == KEY_ESCAPE || key == KEY_GONE || key == CONTROL('C')) return 0;
        if (key > 0 && key < 0x80 && strchr(letters, key | 0x20)) return key | 0x20;
    }
}
