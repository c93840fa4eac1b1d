// sleep: waits.
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "sleep",
    "Usage: sleep NUMBER[smhd]...\n"
    "Wait for NUMBER seconds, minutes, hours or days; NUMBER may have a decimal point.\n",
    1};

static const long long nanoseconds = 1000000000;

// "1.5m" in nanoseconds, or -1.
static long long parse_duration(const char *text) {
    static const char units[] = "smhd";
    static const long long seconds[] = {1, 60, 3600, 86400};
    long long value = 0, scale = nanoseconds, digits = 0;
    for (; isdigit((unsigned char)*text); text++, digits++)
        if (value < (1LL << 53))  // longer than anybody waits
            value = value * 10 + (*text - '0');
    value = value > (1LL << 33) ? (1LL << 33) * nanoseconds : value * nanoseconds;
    if (*text == '.')
        for (text++; isdigit((unsigned char)*text); text++, digits++)
            value += (*text - '0') * (scale /= 10);
    const char *unit = *text ? strchr(units, *text) : units;
    if (digits == 0 || !unit || (*text && text[1]))
        return -1;
    if (__builtin_mul_overflow(value, seconds[unit - units], &value))
        value = (1LL << 33) * nanoseconds;
    return value;
}

int main(int argc, char **argv) {
    utility_start(&self);
    while (next_option(argc, argv, "+") != -1) {
    }
    if (optind == argc)
        bad_usage("missing operand");
    for (int i = optind; i < argc; i++)
        if (parse_duration(argv[i]) < 0)
            bad_usage("invalid time interval '%s'", argv[i]);
    for (int i = optind; i < argc; i++) {
        long long duration = parse_duration(argv[i]);
        struct timespec left = {duration / nanoseconds, duration % nanoseconds};
        while (nanosleep(&left, &left) != 0)
            if (errno != EINTR)
                die_errno("cannot read realtime clock");
    }
    return finish(0);
}
