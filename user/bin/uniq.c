// uniq: one line for each run of equal lines.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "uniq",
    "Usage: uniq [-cdiu] [INPUT [OUTPUT]]\n"
    "Print one line for each run of equal lines; sort first to find all equal ones.\n\n"
    "  -c  with the number of lines in front\n"
    "  -d  only lines that come several times\n"
    "  -i  upper and lower case are the same\n"
    "  -u  only lines that come once\n",
    1};

static int with_count, only_repeated, only_single, ignore_case;

struct line {
    char *text;
    size_t room;
    ssize_t length;  // without the newline; -1 at the end
};

static void read_line(struct line *line) {
    line->length = getline(&line->text, &line->room, stdin);
    if (line->length > 0 && line->text[line->length - 1] == '\n')
        line->text[--line->length] = '\0';
}

static int equal(const struct line *a, const struct line *b) {
    if (a->length != b->length)
        return 0;
    if (ignore_case)
        return strncasecmp(a->text, b->text, a->length) == 0;
    return memcmp(a->text, b->text, a->length) == 0;
}

static void print_run(const struct line *line, unsigned long count) {
    if (count == 1 ? only_repeated : only_single)
        return;
    if (with_count)
        printf("%7lu ", count);
    fwrite(line->text, 1, line->length, stdout);
    putchar('\n');
}

static void print_runs(void) {
    struct line first = {0}, next = {0};
    read_line(&first);
    while (first.length >= 0 && !ferror(stdout)) {
        unsigned long count = 1;
        while (read_line(&next), next.length >= 0 && equal(&first, &next))
            count++;
        print_run(&first, count);
        struct line done = first;
        first = next;
        next = done;
    }
}

int main(int argc, char **argv) {
    int letter;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "cdiu")) != -1) {
        with_count |= letter == 'c';
        only_repeated |= letter == 'd';
        ignore_case |= letter == 'i';
        only_single |= letter == 'u';
    }
    if (argc - optind > 2)
        bad_usage("extra operand '%s'", argv[optind + 2]);
    if (argc > optind && strcmp(argv[optind], "-") != 0 && !freopen(argv[optind], "r", stdin))
        die_errno("%s", argv[optind]);
    if (argc > optind + 1 && strcmp(argv[optind + 1], "-") != 0 &&
        !freopen(argv[optind + 1], "w", stdout))
        die_errno("%s", argv[optind + 1]);
    print_runs();
    if (ferror(stdin))
        die_errno("error reading '%s'", argc > optind ? argv[optind] : "-");
    return finish(0);
}
