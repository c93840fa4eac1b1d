// The history: every change with the bytes that it put in or took out, in steps.
#include <stdlib.h>
#include <string.h>

#include "edit.h"
#include "util.h"

struct change {
    int inserts;
    long step;
    struct place start, end, cursor_before;
    char *bytes;
    size_t size;
};

static struct change *changes;
static size_t done, known, history_room;  // changes[done .. known) have been taken back
static size_t saved_at;                   // how many were done when the file was written
static int saved_is_lost;                 // that state cannot be reached any more
static long step;
static enum step last_kind = STEP_OTHER;
static struct place last_end;

void next_step(enum step kind) {
    int goes_on = kind == STEP_TYPING && last_kind == STEP_TYPING && cursor.line == last_end.line &&
                  cursor.byte == last_end.byte;
    if (!goes_on) step++;
    last_kind = kind;
}

static void forget_undone(void) {
    if (saved_at > done) saved_is_lost = 1;
    while (known > done) free(changes[--known].bytes);
}

static void note(struct change change) {
    forget_undone();
    if (known == history_room)
        changes = need_memory(changes, (history_room = history_room * 2 + 64) * sizeof *changes);
    change.step = step;
    changes[known++] = change;
    done = known;
}

// Typing makes one change longer, so that history costs no more than the text.
static int lengthen_last(const char *bytes, size_t size) {
    struct change *last = done > 0 && done == known ? &changes[done - 1] : NULL;
    if (!last || !last->inserts || last->step != step || saved_at == done ||
        last->end.line != cursor.line || last->end.byte != cursor.byte)
        return 0;
    last->bytes = need_memory(last->bytes, last->size + size);
    memcpy(last->bytes + last->size, bytes, size);
    last->size += size;
    last->end = cursor = insert_bytes(cursor, bytes, size);
    return 1;
}

void change_insert(const char *bytes, size_t size) {
    if (size == 0) return;
    if (!lengthen_last(bytes, size)) {
        char *copy = need_memory(NULL, size);
        memcpy(copy, bytes, size);
        struct place start = cursor, end = insert_bytes(cursor, bytes, size);
        note((struct change){1, 0, start, end, start, copy, size});
        cursor = end;
    }
    last_end = cursor;
}

void change_remove(struct place start, struct place end) {
    size_t size;
    if (!is_before(start, end)) return;
    char *bytes = copy_bytes_of(start, end, &size);
    note((struct change){0, 0, start, end, cursor, bytes, size});
    remove_bytes(start, end);
    cursor = start;
}

static void note_whether_changed(void) {
    text.changed = saved_is_lost || done != saved_at;
    last_kind = STEP_OTHER;
}

int undo(void) {
    if (done == 0) return 0;
    for (long same = changes[done - 1].step; done > 0 && changes[done - 1].step == same;) {
        struct change *change = &changes[--done];
        if (change->inserts) remove_bytes(change->start, change->end);
        else insert_bytes(change->start, change->bytes, change->size);
        cursor = change->cursor_before;
    }
    note_whether_changed();
    return 1;
}

int redo(void) {
    if (done == known) return 0;
    for (long same = changes[done].step; done < known && changes[done].step == same;) {
        struct change *change = &changes[done++];
        cursor = change->start;
        if (change->inserts) cursor = insert_bytes(change->start, change->bytes, change->size);
        else remove_bytes(change->start, change->end);
    }
    note_whether_changed();
    return 1;
}

void mark_saved(void) {
    saved_at = done;
    saved_is_lost = 0;
    text.changed = 0;
    next_step(STEP_OTHER);
}
