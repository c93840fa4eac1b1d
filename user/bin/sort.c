// sort: all lines of all files in order. It reads everything, then merge-sorts an array of lines;
// a stable order makes -u and several keys mean what they should.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "sort",
    "Usage: sort [-bfnrsu] [-k KEY]... [-o FILE] [-t CHARACTER] [FILE]...\n"
    "Print all lines of all FILEs (standard input without one) in order.\n\n"
    "  -b       ignore blanks at the beginning of keys\n"
    "  -f       lower case is upper case\n"
    "  -k KEY   compare from field F, character C to field G, character D: F[.C][,G[.D]],\n"
    "           each position with options of its own behind it: -k 2,2n\n"
    "  -n       compare numbers\n"
    "  -o FILE  write to FILE\n"
    "  -r       in reverse order\n"
    "  -s       lines with equal keys stay in their order\n"
    "  -t CHAR  fields end at CHAR; otherwise where blanks begin\n"
    "  -u       one line of each group of equal ones\n",
    2};

struct options {
    int skip_blanks, fold, numeric, reverse;
};

struct key {
    unsigned long first_field, first_char;  // counted from 1
    unsigned long last_field, last_char;    // 0: to the end of the line, of the field
    struct options how;
};

struct line {
    char *text;
    size_t length;
};

static struct line *lines;
static size_t line_count;
static struct key *keys;
static size_t key_count;
static struct options general;
static int stable, unique, separator = -1;

// ---- Comparing ----

struct slice {
    const char *begin, *end;
};

static const char *skip_blanks(const char *p, const char *end) {
    while (p < end && isblank((unsigned char)*p))
        p++;
    return p;
}

// The end of the field that begins at p. Without -t a field has its leading blanks in it.
static const char *field_end(const char *p, const char *end) {
    if (separator >= 0) {
        while (p < end && *p != separator)
            p++;
        return p;
    }
    p = skip_blanks(p, end);
    while (p < end && !isblank((unsigned char)*p))
        p++;
    return p;
}

static const char *field_begin(const struct line *line, unsigned long field) {
    const char *p = line->text, *end = p + line->length;
    while (--field > 0 && p < end) {
        p = field_end(p, end);
        if (separator >= 0 && p < end)
            p++;
    }
    return p;
}

static struct slice key_slice(const struct line *line, const struct key *key) {
    const char *end = line->text + line->length;
    struct slice s = {field_begin(line, key->first_field), end};
    if (key->how.skip_blanks)
        s.begin = skip_blanks(s.begin, end);
    s.begin += key->first_char - 1;
    if (s.begin > end)
        s.begin = end;
    if (key->last_field) {
        const char *last = field_begin(line, key->last_field);
        if (key->last_char == 0) {
            s.end = field_end(last, end);
        } else {
            if (key->how.skip_blanks)
                last = skip_blanks(last, end);
            s.end = (size_t)(end - last) > key->last_char ? last + key->last_char : end;
        }
    }
    if (s.end < s.begin)
        s.end = s.begin;
    return s;
}

static int compare_text(struct slice a, struct slice b, int fold) {
    for (; a.begin < a.end && b.begin < b.end; a.begin++, b.begin++) {
        int x = (unsigned char)*a.begin, y = (unsigned char)*b.begin;
        if (fold) {
            x = toupper(x);
            y = toupper(y);
        }
        if (x != y)
            return x - y;
    }
    return (a.begin < a.end) - (b.begin < b.end);
}

// A number of any length: its sign, its digits before the point without leading zeros, and behind.
struct number {
    int negative;
    struct slice whole, fraction;
};

static const char *skip_digits(const char *p, const char *end) {
    while (p < end && isdigit((unsigned char)*p))
        p++;
    return p;
}

static struct number parse(struct slice s) {
    struct number n = {0};
    const char *p = skip_blanks(s.begin, s.end);
    n.negative = p < s.end && *p == '-';
    p += n.negative;
    while (p < s.end && *p == '0')
        p++;
    n.whole.begin = p;
    p = n.whole.end = n.fraction.begin = n.fraction.end = skip_digits(p, s.end);
    if (p < s.end && *p == '.') {
        n.fraction.begin = p + 1;
        n.fraction.end = skip_digits(p + 1, s.end);
        while (n.fraction.end > n.fraction.begin && n.fraction.end[-1] == '0')
            n.fraction.end--;
    }
    if (n.whole.begin == n.whole.end && n.fraction.begin == n.fraction.end)
        n.negative = 0;
    return n;
}

static int compare_numbers(struct slice a, struct slice b) {
    struct number x = parse(a), y = parse(b);
    if (x.negative != y.negative)
        return y.negative - x.negative;
    long order = (x.whole.end - x.whole.begin) - (y.whole.end - y.whole.begin);
    if (order == 0)
        order = compare_text(x.whole, y.whole, 0);
    if (order == 0)
        order = compare_text(x.fraction, y.fraction, 0);
    int sign = (order > 0) - (order < 0);
    return x.negative ? -sign : sign;
}

static int compare_keys(const struct line *a, const struct line *b) {
    for (const struct key *key = keys; key < keys + key_count; key++) {
        struct slice x = key_slice(a, key), y = key_slice(b, key);
        int order = key->how.numeric ? compare_numbers(x, y) : compare_text(x, y, key->how.fold);
        if (order)
            return key->how.reverse ? -order : order;
    }
    return 0;
}

static int compare(const struct line *a, const struct line *b) {
    int order = compare_keys(a, b);
    if (order || stable || unique)
        return order;
    struct slice x = {a->text, a->text + a->length}, y = {b->text, b->text + b->length};
    order = compare_text(x, y, 0);
    return general.reverse ? -order : order;
}

static void merge_sort(struct line *from, struct line *spare, size_t count) {
    if (count < 2)
        return;
    size_t half = count / 2;
    merge_sort(from, spare, half);
    merge_sort(from + half, spare, count - half);
    memcpy(spare, from, half * sizeof *from);
    struct line *left = spare, *left_end = spare + half;
    struct line *right = from + half, *right_end = from + count;
    while (left < left_end && right < right_end)
        *from++ = compare(left, right) <= 0 ? *left++ : *right++;
    memcpy(from, left, (left_end - left) * sizeof *from);
}

// ---- Input, output, options ----

static void read_lines(FILE *input, const char *name) {
    static size_t room;
    struct line line = {0};
    ssize_t length;
    (void)name;
    while (line.text = NULL, line.length = 0,
           (length = getline(&line.text, &line.length, input)) > 0) {
        if (line_count == room) {
            room = room ? 2 * room : 64;
            lines = need_memory(lines, room * sizeof *lines);
        }
        line.length = length - (line.text[length - 1] == '\n');
        lines[line_count++] = line;
    }
    free(line.text);
}

static void print_lines(void) {
    for (size_t i = 0; i < line_count && !ferror(stdout); i++) {
        if (unique && i > 0 && compare_keys(&lines[i - 1], &lines[i]) == 0)
            continue;
        fwrite(lines[i].text, 1, lines[i].length, stdout);
        putchar('\n');
    }
}

static int set_option(int letter, struct options *how) {
    switch (letter) {
        case 'b': how->skip_blanks = 1; break;
        case 'f': how->fold = 1; break;
        case 'n': how->numeric = 1; break;
        case 'r': how->reverse = 1; break;
        default: return 0;
    }
    return 1;
}

// F[.C][bfnr]
static char *parse_position(char *text, unsigned long *field, unsigned long *character,
                            struct options *how) {
    if (!isdigit((unsigned char)*text))
        return NULL;
    *field = strtoul(text, &text, 10);
    if (*text == '.')
        *character = strtoul(text + 1, &text, 10);
    while (set_option(*text, how))
        text++;
    return text;
}

static void add_key(char *text) {
    struct key key = {.first_char = 1};
    char *p = parse_position(text, &key.first_field, &key.first_char, &key.how);
    if (p && *p == ',')
        p = parse_position(p + 1, &key.last_field, &key.last_char, &key.how);
    if (!p)
        die("invalid number at field start: invalid count at start of '%s'", text);
    if (*p)
        die("invalid field specification '%s'", text);
    if (key.first_field == 0 || key.first_char == 0)
        die("field number is zero: invalid field specification '%s'", text);
    keys = need_memory(keys, (key_count + 1) * sizeof *keys);
    keys[key_count++] = key;
}

// A key without options of its own has the general ones; without keys the line is the key.
static void complete_keys(void) {
    static const struct options none;
    if (key_count == 0)
        add_key((char[]){"1"});
    for (size_t i = 0; i < key_count; i++)
        if (memcmp(&keys[i].how, &none, sizeof none) == 0)
            keys[i].how = general;
}

int main(int argc, char **argv) {
    int letter;
    const char *output = NULL;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "bfk:no:rst:u")) != -1) {
        switch (letter) {
            case 'k': add_key(optarg); break;
            case 'o': output = optarg; break;
            case 's': stable = 1; break;
            case 't':
                if (strlen(optarg) != 1 && strcmp(optarg, "\\0") != 0)
                    die(*optarg ? "multi-character tab '%s'" : "empty tab", optarg);
                separator = *optarg == '\\' && optarg[1] ? '\0' : *optarg;
                break;
            case 'u': unique = 1; break;
            default: set_option(letter, &general);
        }
    }
    complete_keys();
    if (for_each_input(argc - optind, argv + optind, "cannot read: %s", "read failed: %s",
                       read_lines) != 0)
        return self.trouble;
    if (output && !freopen(output, "w", stdout))
        die_errno("open failed: %s", output);
    struct line *spare = need_memory(NULL, (line_count / 2 + 1) * sizeof *spare);
    merge_sort(lines, spare, line_count);
    print_lines();
    return finish(0);
}
