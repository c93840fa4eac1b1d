// top: what its files share. sample.c reads /proc, table.c shows two samples' difference, main.c has
// the options, the keys and the clock.
#pragma once

#include <stddef.h>
#include <sys/types.h>

#define MOST_HARTS 64

struct times {
    unsigned long long user, nice, system, idle, waiting;  // ticks
};

struct process {
    pid_t pid;
    uid_t uid;
    long priority, nice;
    unsigned long long ticks, start_ticks;
    long long virtual_kilobytes, resident_kilobytes;
    double cpu;  // percent of a hart, since the sample before
    char state;
    char name[32];
};

struct sample {
    double uptime;  // seconds
    struct times all, harts[MOST_HARTS];
    int hart_count;
    double load[3];
    unsigned long long total, free_now, available, cached;  // kilobytes
    unsigned long long swap_total, swap_free;
    struct process *processes;
    size_t count;
};

// Fills `sample` from /proc; processes that end meanwhile are left out. The processes' use of the
// harts is that since `before`, or since they began. Ends the program where there is no /proc.
void take_sample(struct sample *sample, const struct sample *before);
void free_sample(struct sample *sample);

enum order { BY_CPU, BY_MEMORY, BY_TIME, BY_PID };

// Sorts the processes and prints head and table: at most `rows` lines of `columns` characters (0: no
// limit), each followed by `end_of_line`.
struct view {
    enum order order;
    int rows, columns;
    const char *end_of_line;
    const char *pids;  // only these, separated by commas
};
void print_table(struct sample *sample, const struct sample *before, const struct view *view);
