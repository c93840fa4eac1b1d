// cat: writes files one behind the other to standard output. Without -n it is the shortest useful
// program there is: read(2) and write(2) until nothing is left.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "cat",
    "Usage: cat [-n] [FILE]...\n"
    "Write each FILE (standard input without one, or for -) to standard output.\n\n"
    "  -n  number the lines\n",
    1};

// Numbers go on from one file to the next, and so does a line that the first file left open.
static void copy_numbered(FILE *input, const char *name) {
    static unsigned long line;
    static int line_open;
    int c;
    (void)name;
    while ((c = getc(input)) != EOF && !ferror(stdout)) {
        if (!line_open)
            printf("%6lu\t", ++line);
        putchar(c);
        line_open = c != '\n';
    }
}

static int cat(const char *name) {
    int input = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY);
    enum copy_result result = input < 0 ? COPY_READ_FAILED : copy_bytes(input, STDOUT_FILENO);
    if (result == COPY_WRITE_FAILED)
        die_errno("write error");
    if (result == COPY_READ_FAILED)
        complain_errno("%s", name);
    if (input > STDIN_FILENO)
        close(input);
    return result != COPY_DONE;
}

int main(int argc, char **argv) {
    int numbered = 0, status = 0, letter;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "nu")) != -1)
        numbered |= letter == 'n';
    if (numbered)
        return finish(for_each_input(argc - optind, argv + optind, "%s", "%s", copy_numbered));
    if (optind == argc)
        status = cat("-");
    for (int i = optind; i < argc; i++)
        status |= cat(argv[i]);
    return finish(status);
}
