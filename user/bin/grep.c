// grep: prints the lines that match a pattern. The pattern machine is pattern.c; here are files,
// lines and what is printed of them.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pattern.h"
#include "util.h"

static const struct utility self = {
    "grep",
    "Usage: grep [-EFHhiLlnoqrsvx] [-c] PATTERN [FILE]...\n"
    "  or:  grep [OPTION]... -e PATTERN ... [FILE]...\n"
    "Print the lines of each FILE (standard input without one) that match PATTERN.\n"
    "The status is 0 if there were any, 1 if not, 2 after an error.\n\n"
    "  -c          only the number of lines of each file\n"
    "  -E          extended patterns: + ? | ( ) { } without a backslash\n"
    "  -e PATTERN  this one; may be given several times\n"
    "  -F          PATTERN is plain text\n"
    "  -H, -h      always, never with the file's name\n"
    "  -i          upper and lower case are the same\n"
    "  -l, -L      only the names of files with, without such lines\n"
    "  -n          with line numbers\n"
    "  -o          only what matches, each on a line of its own\n"
    "  -q          print nothing\n"
    "  -r          all files in a directory and below\n"
    "  -s          say nothing about files that cannot be read\n"
    "  -v          the lines that do not match\n"
    "  -x          only if the whole line matches\n",
    2};

static struct {
    int count, names, list, number, only, quiet, silent, invert, whole, recursive;
    int strip;  // how much of "./name" to leave out when no file was given
} option;
static struct pattern **patterns;
static size_t pattern_count;
static int matched_any, failed;

static void complain_of(const char *name) {
    if (!option.silent)
        complain_errno("%s", name);
    failed = 1;
}

// The first match at or behind *start among all patterns, the longest one of those.
static long find_match(const char *line, size_t length, size_t *start) {
    long best = -1;
    size_t best_start = length + 1;
    for (size_t i = 0; i < pattern_count; i++) {
        size_t at = option.whole ? 0 : *start;
        long found = option.whole ? pattern_match(patterns[i], line, length, at)
                                  : pattern_search(patterns[i], line, length, &at);
        if (option.whole && found != (long)length)
            continue;
        if (found >= 0 && (at < best_start || (at == best_start && found > best))) {
            best = found;
            best_start = at;
        }
    }
    *start = best_start;
    return best;
}

static void print_prefix(const char *name, unsigned long number) {
    if (option.names)
        printf("%s:", name);
    if (option.number)
        printf("%lu:", number);
}

static void print_matches(const char *name, unsigned long number, const char *line, size_t length) {
    for (size_t start = 0; start <= length;) {
        long found = find_match(line, length, &start);
        if (found < 0)
            return;
        if (found > 0) {
            print_prefix(name, number);
            fwrite(line + start, 1, found, stdout);
            putchar('\n');
        }
        start += found > 0 ? found : 1;
    }
}

static void print_line(const char *name, unsigned long number, const char *line, size_t length) {
    if (option.only && !option.invert) {
        print_matches(name, number, line, length);
    } else if (!option.only) {
        print_prefix(name, number);
        fwrite(line, 1, length, stdout);
        putchar('\n');
    }
}

static unsigned long grep_stream(FILE *input, const char *name) {
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    unsigned long number = 0, matches = 0;
    int just_know = option.quiet || option.list;
    while (!(just_know && matches) && (length = getline(&line, &room, input)) > 0) {
        size_t start = 0;
        length -= line[length - 1] == '\n';
        number++;
        if ((find_match(line, length, &start) >= 0) == option.invert)
            continue;
        matches++;
        if (just_know || option.count)
            continue;
        if (memchr(line, '\0', length)) {  // not a text: such lines are not for a terminal
            complain("%s: binary file matches", name);
            break;
        }
        print_line(name, number, line, length);
    }
    free(line);
    return matches;
}

static void grep_file(const char *name) {
    name += option.strip;
    FILE *input = open_input(name);
    if (!input) {
        complain_of(name);
        return;
    }
    const char *shown = input == stdin ? "(standard input)" : name;
    errno = 0;
    unsigned long matches = grep_stream(input, shown);
    if (ferror(input)) {
        complain_of(name);
    } else {
        matched_any |= option.list == 'L' ? matches == 0 : matches > 0;
        if (option.list && !option.quiet && (matches > 0) == (option.list == 'l'))
            printf("%s\n", shown);
        if (option.count && !option.list && !option.quiet)
            printf(option.names ? "%s:%lu\n" : "%.0s%lu\n", shown, matches);
    }
    close_input(input);
}

static enum walk_answer visit(const struct walk_entry *entry, void *context) {
    (void)context;
    if (entry->event == WALK_FAILED) {
        errno = entry->error;
        complain_of(entry->path);
    } else if (S_ISREG(entry->st->st_mode) || (entry->depth == 0 && !S_ISDIR(entry->st->st_mode))) {
        grep_file(entry->path);
    }
    return WALK_ON;
}

static void grep_operand(const char *name) {
    if (option.recursive && strcmp(name, "-") != 0) {
        walk(name, visit, NULL);
    } else if (strcmp(name, "-") != 0 && is_directory(name)) {
        errno = EISDIR;
        complain_of(name);
    } else {
        grep_file(name);
    }
}

// A pattern of several lines is several patterns.
static void add_patterns(char *text, int flags) {
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        const char *error;
        struct pattern *pattern = pattern_compile(line, flags, &error);
        if (!pattern)
            die("%s", error);
        patterns = need_memory(patterns, (pattern_count + 1) * sizeof *patterns);
        patterns[pattern_count++] = pattern;
    }
}

static void set_flag(int letter, int *flags) {
    switch (letter) {
        case 'c': option.count = 1; break;
        case 'E': *flags |= PATTERN_EXTENDED; break;
        case 'F': *flags |= PATTERN_LITERAL; break;
        case 'G': break;
        case 'H': option.names = 1; break;
        case 'h': option.names = -1; break;
        case 'i': *flags |= PATTERN_IGNORE_CASE; break;
        case 'L':
        case 'l': option.list = letter; break;
        case 'n': option.number = 1; break;
        case 'o': option.only = 1; break;
        case 'q': option.quiet = 1; break;
        case 'R':
        case 'r': option.recursive = 1; break;
        case 's': option.silent = 1; break;
        case 'v': option.invert = 1; break;
        case 'x': option.whole = 1; break;
    }
}

int main(int argc, char **argv) {
    int letter, flags = 0, texts = 0;
    char **text = need_memory(NULL, argc * sizeof *text);
    utility_start(&self);
    while ((letter = next_option(argc, argv, "ce:EFGHhiLlnoqRrsvx")) != -1) {
        if (letter == 'e')
            text[texts++] = optarg;
        else
            set_flag(letter, &flags);
    }
    if (texts == 0 && optind == argc) {
        fputs("Usage: grep [OPTION]... PATTERNS [FILE]...\n"
              "Try 'grep --help' for more information.\n",
              stderr);
        return self.trouble;
    }
    if (texts == 0)
        text[texts++] = argv[optind++];
    for (int i = 0; i < texts; i++)
        add_patterns(text[i], flags);
    if (option.names == 0)
        option.names = argc - optind > 1 ||
                       (option.recursive && (optind == argc || is_directory(argv[optind])));
    option.names = option.names > 0;
    if (optind == argc) {
        option.strip = option.recursive ? strlen("./") : 0;
        grep_operand(option.recursive ? "." : "-");
    }
    for (int i = optind; i < argc; i++)
        grep_operand(argv[i]);
    // With -q a match is the answer, whatever went wrong elsewhere.
    return finish(matched_any && (option.quiet || !failed) ? 0 : failed ? 2 : 1);
}
