// echo: prints its arguments.
#include <string.h>

#include "util.h"

static const struct utility self = {
    "echo",
    "Usage: echo [-neE] [STRING]...\n"
    "Print the STRINGs with blanks between them and a newline behind.\n\n"
    "  -e  backslash escapes: \\n \\t \\\\ \\a \\b \\e \\f \\r \\v, \\0NNN, \\xHH; \\c ends the "
    "output\n"
    "  -E  no escapes (the default)\n"
    "  -n  no newline behind\n",
    1};

// Prints with escapes; 0 if \c ended everything.
static int print_escaped(const char *text) {
    while (*text) {
        int c = (unsigned char)*text++;
        if (c == '\\' && *text && (c = parse_escape(&text, OCTAL_AFTER_ZERO)) < 0)
            return 0;
        putchar(c);
    }
    return 1;
}

int main(int argc, char **argv) {
    int newline = 1, escapes = 0, i = 1;
    utility_start(&self);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(self.usage, stdout);
        return finish(0);
    }
    // Only arguments made of these letters alone are options; "-x" and "-" are text.
    for (; i < argc && argv[i][0] == '-' && argv[i][1] && !argv[i][1 + strspn(argv[i] + 1, "neE")];
         i++) {
        for (const char *letter = argv[i] + 1; *letter; letter++) {
            if (*letter == 'n')
                newline = 0;
            else
                escapes = *letter == 'e';
        }
    }
    for (int first = i; i < argc; i++) {
        if (i > first)
            putchar(' ');
        if (!escapes)
            fputs(argv[i], stdout);
        else if (!print_escaped(argv[i]))
            return finish(0);
    }
    if (newline)
        putchar('\n');
    return finish(0);
}
