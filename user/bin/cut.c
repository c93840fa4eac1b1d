// cut: chosen bytes or fields of each line.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "cut",
    "Usage: cut -b LIST | -c LIST | -f LIST [-d CHARACTER] [-s] [FILE]...\n"
    "Print chosen parts of each line. LIST is N, N-M, N- or -M, several with commas between.\n\n"
    "  -b, -c LIST  these bytes\n"
    "  -d CHAR      fields end at CHAR instead of a tab\n"
    "  -f LIST      these fields\n"
    "  -s           with -f, no lines without CHAR\n",
    1};

struct range {
    unsigned long first, last;
};

static struct range *ranges;
static size_t range_count;
static int fields, delimiter = '\t', only_delimited;

static int chosen(unsigned long position) {
    for (size_t i = 0; i < range_count; i++)
        if (ranges[i].first <= position && position <= ranges[i].last)
            return 1;
    return 0;
}

static void parse_list(char *list) {
    const char *kind = fields ? "field" : "byte/character position";
    for (char *text; (text = strsep(&list, ",")) != NULL;) {
        struct range range = {.last = -1UL};
        char *end = text;
        if (*text != '-') {
            range.first = strtoul(text, &end, 10);
            if (end == text || range.first == 0)
                bad_usage(range.first || end == text ? "invalid %s value '%s'"
                                                     : "%ss are numbered from 1",
                          kind, text);
        }
        if (*end != '-')
            range.last = range.first;
        else if (isdigit((unsigned char)*++end))
            range.last = strtoul(end, &end, 10);
        else if (end == text + 1)
            bad_usage("invalid range with no endpoint: -");
        if (*end)
            bad_usage("invalid %s value '%s'", kind, text);
        if (range.last < range.first)
            bad_usage("invalid decreasing range");
        ranges = need_memory(ranges, (range_count + 1) * sizeof *ranges);
        ranges[range_count++] = range;
    }
}

static void cut_bytes(const char *line, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (chosen(i + 1))
            putchar(line[i]);
    putchar('\n');
}

static void cut_fields(const char *line, size_t length) {
    const char *end = line + length;
    int printed = 0;
    if (!memchr(line, delimiter, length)) {
        if (!only_delimited)
            printf("%.*s\n", (int)length, line);
        return;
    }
    for (unsigned long field = 1; line <= end; field++) {
        const char *stop = memchr(line, delimiter, end - line);
        stop = stop ? stop : end;
        if (chosen(field)) {
            if (printed++)
                putchar(delimiter);
            fwrite(line, 1, stop - line, stdout);
        }
        line = stop + 1;
    }
    putchar('\n');
}

static void cut_lines(FILE *input, const char *name) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    (void)name;
    while ((length = getline(&line, &room, input)) > 0 && !ferror(stdout)) {
        length -= line[length - 1] == '\n';
        (fields ? cut_fields : cut_bytes)(line, length);
    }
    free(line);
}

int main(int argc, char **argv) {
    int letter, lists = 0;
    char *list = NULL;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "b:c:d:f:ns")) != -1) {
        switch (letter) {
            case 'd':
                if (strlen(optarg) > 1)
                    bad_usage("the delimiter must be a single character");
                delimiter = (unsigned char)*optarg;
                break;
            case 's': only_delimited = 1; break;
            case 'n': break;
            default:
                fields = letter == 'f';
                list = optarg;
                lists++;
        }
    }
    if (lists == 0)
        bad_usage("you must specify a list of bytes, characters, or fields");
    if (lists > 1)
        bad_usage("only one list may be specified");
    parse_list(list);
    return finish(for_each_input(argc - optind, argv + optind, "%s", "%s", cut_lines));
}
