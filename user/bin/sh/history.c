// The lines typed before, the latest last.
#include <stdlib.h>
#include <string.h>

#include "sh.h"

#define MOST_LINES 200

static char *history[MOST_LINES];
static size_t history_count;

void history_add(const char *line) {
    size_t length = strcspn(line, "\n");
    if (strspn(line, " \t") == length) return;
    if (history_count > 0 && strlen(history[history_count - 1]) == length &&
        strncmp(history[history_count - 1], line, length) == 0) {
        return;
    }
    if (history_count == MOST_LINES) {
        free(history[0]);
        memmove(history, history + 1, --history_count * sizeof(history[0]));
    }
    history[history_count++] = need(strndup(line, length));
}

const char *history_line(size_t back) {
    return back > 0 && back <= history_count ? history[history_count - back] : NULL;
}
