// free: how much memory there is and what it is used for, from /proc/meminfo.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {"free",
                                    "Usage: free [-b | -k | -m | -g | -h]\n"
                                    "Show the memory in use and free, in units of 1024 bytes.\n\n"
                                    "  -b, -k, -m, -g  in bytes, KiB, MiB, GiB\n"
                                    "  -h              with a fitting unit\n",
                                    1};

static unsigned long long total, free_now, available, buffers, cached, reclaimable, shared;
static unsigned long long swap_total, swap_free;

static const struct {
    const char *name;
    unsigned long long *kilobytes;
} fields[] = {{"MemTotal", &total},       {"MemFree", &free_now},   {"MemAvailable", &available},
              {"Buffers", &buffers},      {"Cached", &cached},      {"SReclaimable", &reclaimable},
              {"SwapTotal", &swap_total}, {"SwapFree", &swap_free}, {"Shmem", &shared}};

static void read_meminfo(void) {
    char line[128];
    FILE *input = fopen("/proc/meminfo", "r");
    if (!input)
        die_errno("cannot open /proc/meminfo");
    while (fgets(line, sizeof line, input)) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            if (strcmp(line, fields[i].name) == 0)
                *fields[i].kilobytes = strtoull(colon + 1, NULL, 10);
    }
    fclose(input);
}

// One digit behind the point below ten of a unit, none above.
static void print_fitting(unsigned long long kilobytes) {
    static const char *const units[] = {"Ki", "Mi", "Gi", "Ti"};
    unsigned long long scale = 1;
    char text[24];
    int unit = 0;
    while (unit < 3 && kilobytes / scale >= 1024) {
        scale *= 1024;
        unit++;
    }
    unsigned long long tenths = (kilobytes * 10 + scale / 2) / scale;
    if (kilobytes == 0)
        strcpy(text, "0B");
    else if (unit > 0 && tenths < 100)
        snprintf(text, sizeof text, "%llu.%llu%s", tenths / 10, tenths % 10, units[unit]);
    else
        snprintf(text, sizeof text, "%llu%s", kilobytes / scale, units[unit]);
    printf("%11s", text);
}

static void print_row(const char *name, const unsigned long long *kilobytes, int count, int unit) {
    printf("%-9s", name);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            putchar(' ');
        if (unit == 'h')
            print_fitting(kilobytes[i]);
        else
            printf("%11llu", unit == 'b'   ? kilobytes[i] * 1024
                             : unit == 'm' ? kilobytes[i] / 1024
                             : unit == 'g' ? kilobytes[i] / (1024 * 1024)
                                           : kilobytes[i]);
    }
    putchar('\n');
}

int main(int argc, char **argv) {
    int letter, unit = 'k';
    utility_start(&self);
    while ((letter = next_option(argc, argv, "bkmgh")) != -1)
        unit = letter;
    read_meminfo();
    unsigned long long cache = buffers + cached + reclaimable;
    unsigned long long used = available < total ? total - available : 0;
    printf("%20s %11s %11s %11s %11s %11s\n", "total", "used", "free", "shared", "buff/cache",
           "available");
    print_row("Mem:", (unsigned long long[]){total, used, free_now, shared, cache, available}, 6,
              unit);
    print_row("Swap:", (unsigned long long[]){swap_total, swap_total - swap_free, swap_free}, 3,
              unit);
    return finish(0);
}
