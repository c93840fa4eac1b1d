// Characters. Reference: RFC 3629; widths as most terminals have them (Unicode Standard Annex 11).
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "edit.h"

#define TAB 8

// The character that starts at `bytes`, and its length; -1 where there is none.
static int32_t decode(const unsigned char *bytes, size_t size, size_t *length) {
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = bytes[0];
    *length = first < 0x80   ? 1
              : first < 0xc2 ? 0
              : first < 0xe0 ? 2
              : first < 0xf0 ? 3
              : first < 0xf5 ? 4
                             : 0;
    if (*length == 0 || *length > size) return -1;
    int32_t value = *length == 1 ? first : first & (0x7f >> *length);
    for (size_t i = 1; i < *length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return -1;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    int is_surrogate = value >= 0xd800 && value < 0xe000;
    return value < least[*length] || value > 0x10ffff || is_surrogate ? -1 : value;
}

static int is_in(int32_t value, const int32_t (*ranges)[2], size_t count) {
    for (size_t i = 0; i < count; i++)
        if (value >= ranges[i][0] && value <= ranges[i][1]) return 1;
    return 0;
}

static int width_of(int32_t value) {
    static const int32_t none[][2] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                      {0x610, 0x61a},   {0x64b, 0x65f},   {0x200b, 0x200f},
                                      {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
    static const int32_t two[][2] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0xa4cf},
                                     {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f},
                                     {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
                                     {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
    if (is_in(value, none, sizeof none / sizeof none[0])) return 0;
    return is_in(value, two, sizeof two / sizeof two[0]) ? 2 : 1;
}

struct glyph glyph_at(const char *bytes, size_t size, int column) {
    struct glyph glyph = {.bytes = 1};
    size_t length;
    unsigned char first = (unsigned char)bytes[0];
    int32_t value = decode((const unsigned char *)bytes, size, &length);
    if (value == '\t') {
        glyph.columns = TAB - column % TAB;
    } else if (value < 0 || (value >= 0x80 && value < 0xa0)) {
        glyph.columns = snprintf(glyph.shown, sizeof glyph.shown, "\\x%02x", first);
    } else if (value < ' ' || value == 0x7f) {
        glyph.columns = snprintf(glyph.shown, sizeof glyph.shown, "^%c", first ^ 0x40);
    } else {
        glyph.bytes = length;
        glyph.columns = width_of(value);
        memcpy(glyph.shown, bytes, length);
    }
    return glyph;
}

// Marks without a width belong to what they stand on.
size_t next_character(const struct line *line, size_t byte) {
    if (byte >= line->size) return line->size;
    byte += glyph_at(line->text + byte, line->size - byte, 0).bytes;
    while (byte < line->size) {
        struct glyph glyph = glyph_at(line->text + byte, line->size - byte, 0);
        if (glyph.columns > 0) break;
        byte += glyph.bytes;
    }
    return byte;
}

size_t previous_character(const struct line *line, size_t byte) {
    // From a byte that begins a character for sure: not so far back that long lines are slow.
    size_t at = byte > 64 ? byte - 64 : 0;
    while (at > 0 && at < byte && ((unsigned char)line->text[at] & 0x80) != 0) at--;
    for (size_t next; (next = next_character(line, at)) < byte;) at = next;
    return byte == 0 ? 0 : at;
}

int column_of(const struct line *line, size_t byte) {
    int column = 0;
    for (size_t at = 0; at < byte && at < line->size;) {
        struct glyph glyph = glyph_at(line->text + at, line->size - at, column);
        column += glyph.columns;
        at += glyph.bytes;
    }
    return column;
}

size_t byte_of_column(const struct line *line, int column) {
    int reached = 0;
    for (size_t at = 0; at < line->size;) {
        struct glyph glyph = glyph_at(line->text + at, line->size - at, reached);
        if (reached + glyph.columns > column) return at;
        reached += glyph.columns;
        at += glyph.bytes;
    }
    return line->size;
}
