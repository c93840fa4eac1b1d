// strace -c: how often each call was made, how often it failed, and how long it took by the clock,
// with what tracing adds.
#include <stdlib.h>
#include <string.h>

#include "strace.h"
#include "util.h"

static struct counter {
    uint64_t number;
    long calls, errors;
    int64_t nanoseconds;
} * counters;
static size_t counter_count;

void count_call(uint64_t number, int64_t nanoseconds, int is_error) {
    size_t i = 0;
    while (i < counter_count && counters[i].number != number) i++;
    if (i == counter_count) {
        counters = need_memory(counters, ++counter_count * sizeof *counters);
        counters[i] = (struct counter){.number = number};
    }
    counters[i].calls++;
    counters[i].errors += is_error;
    counters[i].nanoseconds += nanoseconds;
}

static int slower(const void *a, const void *b) {
    int64_t left = ((const struct counter *)a)->nanoseconds;
    int64_t right = ((const struct counter *)b)->nanoseconds;
    return (left < right) - (left > right);
}

static void print_counter(const struct counter *counter, int64_t total, const char *name) {
    int64_t thousandths = total ? counter->nanoseconds * 10000 / total : 0;
    char errors[24] = "";
    if (counter->errors) snprintf(errors, sizeof errors, "%ld", counter->errors);
    fprintf(out, "%3ld.%02ld %5ld.%06ld %11ld %9ld %9s %s\n", thousandths / 100, thousandths % 100,
            counter->nanoseconds / 1000000000, counter->nanoseconds / 1000 % 1000000,
            counter->nanoseconds / 1000 / (counter->calls ? counter->calls : 1), counter->calls,
            errors, name);
}

void print_summary(void) {
    static const char rule[] =
        "------ ------------ ----------- --------- --------- ----------------";
    struct counter total = {0};
    for (size_t i = 0; i < counter_count; i++) {
        total.calls += counters[i].calls;
        total.errors += counters[i].errors;
        total.nanoseconds += counters[i].nanoseconds;
    }
    qsort(counters, counter_count, sizeof *counters, slower);
    fprintf(out, "%6s %12s %11s %9s %9s syscall\n%s\n", "% time", "seconds", "usecs/call", "calls",
            "errors", rule);
    for (size_t i = 0; i < counter_count; i++) {
        const struct call *call = find_call(counters[i].number);
        char unknown[32];
        snprintf(unknown, sizeof unknown, "syscall_%#lx", counters[i].number);
        print_counter(&counters[i], total.nanoseconds, call ? call->name : unknown);
    }
    fprintf(out, "%s\n", rule);
    print_counter(&total, total.nanoseconds, "total");
}
