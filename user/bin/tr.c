// tr: replaces, deletes or squeezes characters, by a table with one entry for each of the 256.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "tr",
    "Usage: tr [-cds] SET1 [SET2]\n"
    "Copy standard input to standard output, each character of SET1 replaced by that of SET2.\n"
    "A set is a list of characters, ranges a-z, classes [:alpha:] and escapes \\n.\n\n"
    "  -c  all characters that are not in SET1 instead of it\n"
    "  -d  delete the characters of SET1\n"
    "  -s  one character for each run of equal ones out of the last set\n",
    1};

struct set {
    unsigned char list[1024];
    size_t count;
};

static void append(struct set *set, int c) {
    if (set->count == sizeof set->list)
        die("the set is too long");
    set->list[set->count++] = c;
}

// "[:name:]" at *text: appended and passed over; whether there was one.
static int append_class(struct set *set, const char **text) {
    static const struct {
        const char *name;
        int (*contains)(int);
    } classes[] = {{"[:alnum:]", isalnum}, {"[:alpha:]", isalpha}, {"[:blank:]", isblank},
                   {"[:cntrl:]", iscntrl}, {"[:digit:]", isdigit}, {"[:graph:]", isgraph},
                   {"[:lower:]", islower}, {"[:print:]", isprint}, {"[:punct:]", ispunct},
                   {"[:space:]", isspace}, {"[:upper:]", isupper}, {"[:xdigit:]", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        size_t length = strlen(classes[i].name);
        if (strncmp(*text, classes[i].name, length) != 0)
            continue;
        for (int c = 0; c < 256; c++)
            if (classes[i].contains(c))
                append(set, c);
        *text += length;
        return 1;
    }
    return 0;
}

static int next_character(const char **text) {
    int c = (unsigned char)*(*text)++;
    if (c != '\\' || **text == '\0')
        return c;
    const char *before = *text;
    c = parse_escape(text, OCTAL_PLAIN);
    return *text > before ? c : (unsigned char)*(*text)++;  // "\-" is a plain '-'
}

static struct set parse_set(const char *text) {
    struct set set = {.count = 0};
    while (*text) {
        if (append_class(&set, &text))
            continue;
        const char *begin = text;
        int first = next_character(&text), last = first;
        if (text[0] == '-' && text[1]) {
            text++;
            last = next_character(&text);
        }
        if (last < first)
            die("range-endpoints of '%.*s' are in reverse collating sequence order",
                (int)(text - begin), begin);
        for (int c = first; c <= last; c++)
            append(&set, c);
    }
    return set;
}

static struct set complement(const struct set *set) {
    struct set rest = {.count = 0};
    for (int c = 0; c < 256; c++)
        if (!memchr(set->list, c, set->count))
            append(&rest, c);
    return rest;
}

static void translate(const unsigned char map[256], const unsigned char *drop,
                      const unsigned char *squeeze) {
    int c, last = EOF;
    while ((c = getchar()) != EOF && !ferror(stdout)) {
        if (drop[c])
            continue;
        c = map[c];
        if (c == last && squeeze[c])
            continue;
        putchar(c);
        last = c;
    }
}

int main(int argc, char **argv) {
    int letter, inverted = 0, delete = 0, squeezing = 0;
    unsigned char map[256], drop[256] = {0}, squeeze[256] = {0};
    utility_start(&self);
    while ((letter = next_option(argc, argv, "+cCds")) != -1) {
        inverted |= letter == 'c' || letter == 'C';
        delete |= letter == 'd';
        squeezing |= letter == 's';
    }
    int sets = argc - optind, least = delete == squeezing ? 2 : 1;
    int most = delete &&!squeezing ? 1 : 2;
    if (sets == 0)
        bad_usage("missing operand");
    if (sets < least)
        bad_usage("missing operand after '%s'\nTwo strings must be given when %s.", argv[argc - 1],
                  delete ? "both deleting and squeezing repeats" : "translating");
    if (sets > most)
        bad_usage("extra operand '%s'%s", argv[optind + most],
                  sets > 2
                      ? ""
                      : "\nOnly one string may be given when deleting without squeezing repeats.");
    struct set first = parse_set(argv[optind]), second = {.count = 0};
    if (inverted)
        first = complement(&first);
    if (sets == 2)
        second = parse_set(argv[optind + 1]);
    for (int c = 0; c < 256; c++)
        map[c] = c;
    if (sets == 2 && !delete &&second.count == 0)
        die("when not truncating set1, string2 must be non-empty");
    for (size_t i = 0; i < first.count && sets == 2 && !delete; i++)
        map[first.list[i]] = second.list[i < second.count ? i : second.count - 1];
    for (size_t i = 0; i < first.count && delete; i++)
        drop[first.list[i]] = 1;
    const struct set *last = sets == 2 ? &second : &first;
    for (size_t i = 0; i < last->count && squeezing; i++)
        squeeze[last->list[i]] = 1;
    translate(map, drop, squeeze);
    if (ferror(stdin))
        die_errno("read error");
    return finish(0);
}
