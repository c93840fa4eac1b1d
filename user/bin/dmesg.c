// dmesg: shows the kernel's log.
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {"dmesg",
                                    "Usage: dmesg [-cCr]\n"
                                    "Show what the kernel has logged.\n\n"
                                    "  -c  and empty the log then\n"
                                    "  -C  only empty the log\n"
                                    "  -r  with each line's level in front: <6>\n",
                                    1};

enum { READ_ALL = 3, READ_AND_CLEAR = 4, CLEAR = 5, SIZE = 10 };  // syslog(2)

// "<6>text": the level goes, unless it is wanted.
static void print_log(const char *log, size_t length, int raw) {
    const char *end = log + length;
    while (log < end) {
        const char *line = log, *newline = memchr(log, '\n', end - log);
        log = newline ? newline + 1 : end;
        const char *level = line + 1;
        while (!raw && *line == '<' && level < log && isdigit((unsigned char)*level))
            level++;
        if (!raw && *line == '<' && level > line + 1 && level < log && *level == '>')
            line = level + 1;
        fwrite(line, 1, log - line, stdout);
        if (!newline)
            putchar('\n');
    }
}

int main(int argc, char **argv) {
    int letter, action = READ_ALL, raw = 0;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "cCr")) != -1) {
        switch (letter) {
            case 'c': action = READ_AND_CLEAR; break;
            case 'C': action = CLEAR; break;
            default: raw = 1;
        }
    }
    if (action == CLEAR) {
        if (klogctl(CLEAR, NULL, 0) < 0)
            die_errno("clear kernel buffer failed");
        return 0;
    }
    int size = klogctl(SIZE, NULL, 0);
    if (size <= 0)
        size = 1 << 20;
    char *log = need_memory(NULL, size);
    int length = klogctl(action, log, size);
    if (length < 0)
        die_errno("read kernel buffer failed");
    print_log(log, length, raw);
    return finish(0);
}
