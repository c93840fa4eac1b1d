// wc: counts lines, words and bytes. A word is a run of characters without
// white space that has at least one printable one in it.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "wc",
    "Usage: wc [-clw] [FILE]...\n"
    "Print the number of lines, words and bytes of each FILE (standard input without one).\n\n"
    "  -c  bytes\n"
    "  -l  lines\n"
    "  -w  words\n",
    1};

struct counts {
    unsigned long lines, words, bytes;
};

static int show_lines, show_words, show_bytes, width;

static struct counts count(FILE *input) {
    static char buffer[16384];
    struct counts n = {0};
    int in_word = 0;
    size_t size;
    while ((size = fread(buffer, 1, sizeof buffer, input)) > 0) {
        n.bytes += size;
        for (size_t i = 0; i < size; i++) {
            int c = (unsigned char)buffer[i];
            n.lines += c == '\n';
            if (isspace(c)) {
                n.words += in_word;
                in_word = 0;
            } else if (isprint(c)) {
                in_word = 1;
            }
        }
    }
    n.words += in_word;
    return n;
}

static void print_number(unsigned long number, int wanted, int *column) {
    if (wanted)
        printf((*column)++ ? " %*lu" : "%*lu", width, number);
}

static void print(const struct counts *n, const char *name) {
    int column = 0;
    print_number(n->lines, show_lines, &column);
    print_number(n->words, show_words, &column);
    print_number(n->bytes, show_bytes, &column);
    printf(name ? " %s\n" : "\n", name);
}

static int count_file(const char *name, const char *shown, struct counts *total) {
    FILE *input = open_input(name);
    if (!input) {
        complain_errno("%s", name);
        return 1;
    }
    errno = 0;
    struct counts n = count(input);
    int failed = ferror(input) != 0;
    if (failed)
        complain_errno("%s", name);
    print(&n, shown);
    total->lines += n.lines;
    total->words += n.words;
    total->bytes += n.bytes;
    close_input(input);
    return failed;
}

// Wide enough for the sum of all sizes, as far as these are known beforehand.
static int number_width(int count, char **names) {
    unsigned long long sum = 0;
    int least = 1;
    for (int i = 0; i < count; i++) {
        struct stat st;
        if ((strcmp(names[i], "-") == 0 ? fstat(STDIN_FILENO, &st) : stat(names[i], &st)) != 0)
            continue;
        if (S_ISREG(st.st_mode))
            sum += st.st_size;
        else
            least = 7;
    }
    int needed = snprintf(NULL, 0, "%llu", sum);
    return needed > least ? needed : least;
}

int main(int argc, char **argv) {
    int letter, status = 0;
    struct counts total = {0};
    utility_start(&self);
    while ((letter = next_option(argc, argv, "clw")) != -1) {
        show_bytes |= letter == 'c';
        show_lines |= letter == 'l';
        show_words |= letter == 'w';
    }
    if (!show_bytes && !show_lines && !show_words)
        show_bytes = show_lines = show_words = 1;
    int files = argc - optind;
    if (files <= 1 && show_bytes + show_lines + show_words == 1)
        width = 1;
    else
        width = files ? number_width(files, argv + optind) : number_width(1, (char *[]){"-"});
    if (files == 0)
        status = count_file("-", NULL, &total);
    for (int i = optind; i < argc; i++)
        status |= count_file(argv[i], argv[i], &total);
    if (files > 1)
        print(&total, "total");
    return finish(status);
}
