// cmp: compares two files byte by byte. The status is 0 if they are equal, 1 if not, 2 after an
// error.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "cmp",
    "Usage: cmp [-l | -s] [-n BYTES] FILE1 [FILE2]\n"
    "Compare two files (standard input for - and for a missing FILE2).\n\n"
    "  -l        print the number and both values, in octal, of every byte that differs\n"
    "  -n BYTES  compare at most BYTES bytes\n"
    "  -s        print nothing\n",
    2};

static int list, silent;
static unsigned long long limit = -1ULL;

static void report_end(const char *name, unsigned long long bytes, unsigned long long lines,
                       int line_open) {
    if (silent)
        return;
    if (bytes == 0)
        complain("EOF on %s which is empty", name);
    else if (list)
        complain("EOF on %s after byte %llu", name, bytes);
    else
        complain("EOF on %s after byte %llu, %sline %llu", name, bytes, line_open ? "in " : "",
                 line_open ? lines : lines - 1);
}

// The number of digits of the last byte that both files have: the width of -l's first column.
static int offset_width(FILE *a, FILE *b) {
    FILE *files[] = {a, b};
    unsigned long long last = limit;
    for (int i = 0; i < 2; i++) {
        struct stat st;
        if (fstat(fileno(files[i]), &st) == 0 && S_ISREG(st.st_mode) &&
            (unsigned long long)st.st_size < last)
            last = st.st_size;
    }
    return snprintf(NULL, 0, "%llu", last);
}

static int compare(FILE *a, const char *a_name, FILE *b, const char *b_name) {
    unsigned long long byte = 0, line = 1;
    int status = 0, line_open = 0, width = offset_width(a, b);
    while (byte < limit) {
        int x = getc(a), y = getc(b);
        if (x == EOF && y == EOF)
            break;
        if (x == EOF || y == EOF) {
            report_end(x == EOF ? a_name : b_name, byte, line, line_open);
            return 1;
        }
        byte++;
        if (x != y) {
            status = 1;
            if (list)
                printf("%*llu %3o %3o\n", width, byte, x, y);
            else if (!silent)
                printf("%s %s differ: char %llu, line %llu\n", a_name, b_name, byte, line);
            if (!list)
                break;
        }
        line_open = x != '\n';
        line += x == '\n';
    }
    return status;
}

int main(int argc, char **argv) {
    int letter;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "ln:s")) != -1) {
        list |= letter == 'l';
        silent |= letter == 's';
        if (letter == 'n' && !parse_size(optarg, &limit))
            bad_usage("invalid --bytes value '%s'", optarg);
    }
    if (optind == argc)
        bad_usage("missing operand after '%s'", argv[argc - 1]);
    if (argc - optind > 2)
        bad_usage("extra operand '%s'", argv[optind + 2]);
    const char *names[2] = {argv[optind], argc - optind == 2 ? argv[optind + 1] : "-"};
    FILE *files[2];
    for (int i = 0; i < 2; i++) {
        files[i] = open_input(names[i]);
        if (!files[i]) {
            if (!silent)
                complain_errno("%s", names[i]);
            return 2;
        }
    }
    errno = 0;
    int status = compare(files[0], names[0], files[1], names[1]);
    for (int i = 0; i < 2; i++)
        if (ferror(files[i]))
            die_errno("%s", names[i]);
    return finish(status);
}
