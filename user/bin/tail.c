// tail: the last lines or bytes of files. It reads forward and keeps the last ones in a ring, so
// that pipes work like files; -f goes on looking for more.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "tail",
    "Usage: tail [-n [+]LINES | -c [+]BYTES] [-fqv] [FILE]...\n"
    "Print the last 10 lines of each FILE (standard input without one), with a heading if there\n"
    "are several.\n\n"
    "  -c BYTES  the last BYTES bytes instead; with +, from byte number BYTES on\n"
    "  -f        then wait for more and print it, until interrupted\n"
    "  -n LINES  LINES lines instead of 10 (also -LINES); with +, from line number LINES on\n"
    "  -q, -v    never, always with headings\n",
    1};

static unsigned long long limit = 10;
static int count_bytes, from_start, follow, headings;

static void copy_rest(FILE *input) {
    int c;
    while ((c = getc(input)) != EOF && !ferror(stdout))
        putchar(c);
}

static void show_from(FILE *input) {
    int c;
    for (unsigned long long n = 1; n < limit && (c = getc(input)) != EOF;)
        n += count_bytes || c == '\n';
    copy_rest(input);
}

static void show_last_bytes(FILE *input) {
    char *ring = need_memory(NULL, limit);
    unsigned long long seen = 0;
    int c;
    while ((c = getc(input)) != EOF && limit > 0)
        ring[seen++ % limit] = c;
    for (unsigned long long i = seen > limit ? seen - limit : 0; i < seen; i++)
        putchar(ring[i % limit]);
    free(ring);
}

static void show_last_lines(FILE *input) {
    struct line {
        char *text;
        size_t room;
        ssize_t length;
    } *ring = NULL, next = {0};
    unsigned long long seen = 0, kept = 0;
    const unsigned long long most = limit;
    while (most > 0 && (next.length = getline(&next.text, &next.room, input)) >= 0) {
        if (kept < most) {  // The ring grows until it has its full size.
            ring = need_memory(ring, (kept + 1) * sizeof *ring);
            ring[kept++] = (struct line){0};
        }
        struct line oldest = ring[seen % most];
        ring[seen++ % most] = next;
        next = oldest;  // Its memory serves the line after this one.
    }
    for (unsigned long long i = seen - kept; i < seen; i++)
        fwrite(ring[i % most].text, 1, ring[i % most].length, stdout);
    for (unsigned long long i = 0; i < kept; i++)
        free(ring[i].text);
    free(next.text);
    free(ring);
}

static void follow_input(FILE *input) {
    while (follow && fflush(stdout) == 0) {
        sleep(1);
        clearerr(input);
        copy_rest(input);
    }
}

static void show_tail(FILE *input, const char *name) {
    static int before;
    if (headings)
        printf("%s==> %s <==\n", before++ ? "\n" : "", input == stdin ? "standard input" : name);
    if (from_start)
        show_from(input);
    else if (count_bytes)
        show_last_bytes(input);
    else
        show_last_lines(input);
    if (!ferror(input))
        follow_input(input);
}

int main(int argc, char **argv) {
    int letter, wanted = -1;
    utility_start(&self);
    accept_count_option(&argc, &argv);
    while ((letter = next_option(argc, argv, "c:fn:qv")) != -1) {
        if (letter == 'f')
            follow = 1;
        else if (letter == 'q' || letter == 'v')
            wanted = letter == 'v';
        else {
            count_bytes = letter == 'c';
            from_start = *optarg == '+';
            const char *number = optarg + (*optarg == '+' || *optarg == '-');
            if (!parse_size(number, &limit))
                die("invalid number of %s: '%s'", count_bytes ? "bytes" : "lines", optarg);
        }
    }
    headings = wanted >= 0 ? wanted : argc - optind > 1;
    return finish(for_each_input(argc - optind, argv + optind, "cannot open '%s' for reading",
                                 "error reading '%s'", show_tail));
}
