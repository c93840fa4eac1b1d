// kill: sends a signal to processes and process groups.
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "kill",
    "Usage: kill [-s SIGNAL | -SIGNAL] PID...\n"
    "  or:  kill -l [SIGNAL]...\n"
    "Send SIGNAL (TERM without one) to each process PID, or for a negative PID to the group "
    "-PID.\n\n"
    "  -l  list the names of all signals, or translate numbers to names and back\n",
    1};

enum { LAST_SIGNAL = 31 };

// "TERM", "SIGTERM", "15", or what the shell's $? shows after a signal, 143; -1 if it is none.
static int parse_signal(const char *text) {
    long long value;
    if (parse_number(text, &value))
        return value >= 0 && value < NSIG ? value : value > 128 && value < 256 ? value - 128 : -1;
    if (strncasecmp(text, "SIG", 3) == 0)
        text += 3;
    for (int number = 1; number <= LAST_SIGNAL; number++)
        if (strcasecmp(sigabbrev_np(number), text) == 0)
            return number;
    return strcasecmp(text, "EXIT") == 0 ? 0 : -1;
}

static int list_signals(int count, char **texts) {
    int column = 0;
    for (int i = 0; i < count; i++) {
        int number = parse_signal(texts[i]);
        if (number < 0)
            die("unknown signal name %s", texts[i]);
        if (isdigit((unsigned char)texts[i][0]) && number > 0 && number <= LAST_SIGNAL)
            puts(sigabbrev_np(number));
        else
            printf("%d\n", number);
    }
    for (int number = 1; count == 0 && number <= LAST_SIGNAL; number++) {
        const char *name = sigabbrev_np(number);
        if (column + 1 + (int)strlen(name) > 80) {
            putchar('\n');
            column = 0;
        }
        column += printf(column ? " %s" : "%s", name);
    }
    if (column)
        putchar('\n');
    return finish(0);
}

int main(int argc, char **argv) {
    int signal_number = SIGTERM, status = 0, i = 1;
    const char *name = NULL;
    utility_start(&self);
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(self.usage, stdout);
        return finish(0);
    }
    if (argc > 1 && strcmp(argv[1], "-l") == 0)
        return list_signals(argc - 2, argv + 2);
    if (argc > 2 && strcmp(argv[1], "-s") == 0) {
        name = argv[2];
        i = 3;
    } else if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
        name = argv[1] + 1;
        i = 2;
    }
    if (name && (signal_number = parse_signal(name)) < 0)
        bad_usage("unknown signal name %s", name);
    if (i < argc && strcmp(argv[i], "--") == 0)
        i++;
    if (i == argc)
        bad_usage("no process ID specified");
    for (; i < argc; i++) {
        long long pid;
        if (!parse_number(argv[i], &pid))
            die("failed to parse argument: '%s'", argv[i]);
        if (kill(pid, signal_number) != 0) {
            complain_errno("(%lld)", pid);
            status = 1;
        }
    }
    return finish(status);
}
