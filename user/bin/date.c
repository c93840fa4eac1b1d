// date: prints a moment, now if none is given, or sets the clock.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "date",
    "Usage: date [-uR] [-d TIME | -r FILE | -s TIME] [+FORMAT]\n"
    "Print the time as FORMAT says: %Y-%m-%d %H:%M:%S and all others of strftime(3), %N for\n"
    "nanoseconds. TIME is 'YYYY-MM-DD HH:MM:SS', '@SECONDS' or 'now'.\n\n"
    "  -d TIME  TIME instead of now\n"
    "  -R       as in the header of a mail\n"
    "  -r FILE  when FILE was last changed\n"
    "  -s TIME  set the clock to TIME\n"
    "  -u       in Coordinated Universal Time\n",
    1};

// strftime() knows no %N: it is replaced by its digits beforehand.
static void expand_nanoseconds(const char *format, long nanoseconds, char *text, size_t size) {
    size_t length = 0;
    for (const char *p = format; *p && length + 12 < size; p++) {
        if (p[0] == '%' && p[1] == 'N') {
            length += snprintf(text + length, size - length, "%09ld", nanoseconds);
            p++;
            continue;
        }
        text[length++] = *p;
        if (p[0] == '%' && p[1])
            text[length++] = *++p;
    }
    text[length] = '\0';
}

static void print_time(const struct timespec *when, const char *format, int utc) {
    char expanded[1024], text[2048];
    struct tm *tm = (utc ? gmtime : localtime)(&when->tv_sec);
    if (!tm)
        die("time '%lld' is out of range", (long long)when->tv_sec);
    expand_nanoseconds(format, when->tv_nsec, expanded, sizeof expanded);
    text[0] = '\0';
    strftime(text, sizeof text, expanded, tm);
    puts(text);
}

static void set_clock(const struct timespec *when) {
    if (clock_settime(CLOCK_REALTIME, when) != 0)
        complain_errno("cannot set date");
}

int main(int argc, char **argv) {
    int letter, utc = 0, set = 0;
    const char *format = "%a %b %e %H:%M:%S %Z %Y";
    const char *time_text = "now", *reference = NULL;
    struct timespec when;
    struct stat st;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "d:Rr:s:u")) != -1) {
        switch (letter) {
            case 'R': format = "%a, %d %b %Y %H:%M:%S %z"; break;
            case 'r': reference = optarg; break;
            case 'u': utc = 1; break;
            default: set |= letter == 's'; time_text = optarg;
        }
    }
    if (optind < argc && argv[optind][0] != '+')
        die("invalid date '%s'", argv[optind]);
    if (optind < argc)
        format = argv[optind] + 1;
    if (optind + 1 < argc)
        bad_usage("extra operand '%s'", argv[optind + 1]);
    if (reference && stat(reference, &st) != 0)
        die_errno("%s", reference);
    if (reference)
        when = st.st_mtim;
    else if (parse_time(time_text, &when) != 0)
        die("invalid date '%s'", time_text);
    errno = 0;
    if (set)
        set_clock(&when);
    int failed = errno != 0;
    print_time(&when, format, utc);
    return finish(failed);
}
