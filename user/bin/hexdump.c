// hexdump: the bytes of files in hexadecimal. Lines that repeat the one above are shown as one
// star.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "hexdump",
    "Usage: hexdump [-Cv] [-n BYTES] [-s BYTES] [FILE]...\n"
    "Show the bytes of the FILEs, taken as one (standard input without any), as 16-bit numbers.\n\n"
    "  -C        as single bytes, with the characters behind\n"
    "  -n BYTES  only so many\n"
    "  -s BYTES  leave out so many first\n"
    "  -v        repeated lines too\n",
    1};

static struct {
    unsigned char bytes[16];
    size_t count;
} line, previous;
static unsigned long long offset, skip, limit = -1ULL;
static int canonical, verbose, starred;

static void print_offset(void) {
    printf(canonical ? "%08llx" : "%07llx", offset);
}

static void print_words(void) {
    for (size_t i = 0; i < line.count; i += 2)
        printf(" %04x", line.bytes[i] | (i + 1 < line.count ? line.bytes[i + 1] << 8 : 0));
    printf("%*s\n", (int)(16 - line.count) / 2 * 5, "");
}

static void print_bytes(void) {
    for (size_t i = 0; i < 16; i++) {
        fputs(i % 8 == 0 ? "  " : " ", stdout);
        if (i < line.count)
            printf("%02x", line.bytes[i]);
        else
            fputs("  ", stdout);
    }
    fputs("  |", stdout);
    for (size_t i = 0; i < line.count; i++)
        putchar(isprint(line.bytes[i]) ? line.bytes[i] : '.');
    fputs("|\n", stdout);
}

static void end_line(void) {
    if (line.count == 0)
        return;
    int repeated = !verbose && line.count == 16 && previous.count == 16 &&
                   memcmp(line.bytes, previous.bytes, 16) == 0;
    if (!repeated) {
        print_offset();
        (canonical ? print_bytes : print_words)();
    } else if (!starred) {
        puts("*");
    }
    starred = repeated;
    previous = line;
    offset += line.count;
    line.count = 0;
}

// Disks are large: what is left out is not read, if the input is something with a length.
static void skip_ahead(FILE *input) {
    unsigned long long left = skip - offset;
    if (fseeko(input, 0, SEEK_END) != 0)
        return;
    off_t size = ftello(input);
    if (size >= 0 && (unsigned long long)size >= left && fseeko(input, left, SEEK_SET) == 0)
        offset = skip;
    else
        rewind(input);
}

static void dump(FILE *input, const char *name) {
    int c;
    (void)name;
    if (offset < skip)
        skip_ahead(input);
    while (limit > 0 && !ferror(stdout) && (c = getc(input)) != EOF) {
        if (offset < skip) {
            offset++;
            continue;
        }
        line.bytes[line.count++] = c;
        limit--;
        if (line.count == 16)
            end_line();
    }
}

int main(int argc, char **argv) {
    int letter;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "Cn:s:v")) != -1) {
        unsigned long long number;
        if (letter == 'C')
            canonical = 1;
        else if (letter == 'v')
            verbose = 1;
        else if (!parse_size(optarg, &number))
            die("failed to parse %s: '%s'", letter == 'n' ? "length" : "offset", optarg);
        else
            *(letter == 'n' ? &limit : &skip) = number;
    }
    int status = for_each_input(argc - optind, argv + optind, "%s", "%s", dump);
    end_line();
    if (offset > 0) {
        print_offset();
        putchar('\n');
    }
    return finish(status);
}
