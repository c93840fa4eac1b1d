// head: the first lines or bytes of files.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "head",
    "Usage: head [-n LINES | -c BYTES] [-qv] [FILE]...\n"
    "Print the first 10 lines of each FILE (standard input without one), with a heading if there\n"
    "are several.\n\n"
    "  -c BYTES  the first BYTES bytes instead\n"
    "  -n LINES  LINES lines instead of 10; also -LINES\n"
    "  -q, -v    never, always with headings\n",
    1};

static unsigned long long limit = 10;
static int count_bytes, headings;

static void show_head(FILE *input, const char *name) {
    static int before;
    int c;
    if (headings)
        printf("%s==> %s <==\n", before++ ? "\n" : "", input == stdin ? "standard input" : name);
    for (unsigned long long n = 0; n < limit && (c = getc(input)) != EOF && !ferror(stdout);) {
        putchar(c);
        n += count_bytes || c == '\n';
    }
}

int main(int argc, char **argv) {
    int letter, wanted = -1;
    utility_start(&self);
    accept_count_option(&argc, &argv);
    while ((letter = next_option(argc, argv, "c:n:qv")) != -1) {
        if (letter == 'q' || letter == 'v') {
            wanted = letter == 'v';
            continue;
        }
        count_bytes = letter == 'c';
        if (!parse_size(optarg, &limit))
            die("invalid number of %s: '%s'", count_bytes ? "bytes" : "lines", optarg);
    }
    headings = wanted >= 0 ? wanted : argc - optind > 1;
    return finish(for_each_input(argc - optind, argv + optind, "cannot open '%s' for reading",
                                 "error reading '%s'", show_head));
}
