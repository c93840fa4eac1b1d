// The screen of top: a head about the machine, then a line for each process.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "top.h"
#include "util.h"

#define MOST_HART_LINES 8

static struct {
    const struct view *view;
    int lines;
} paper;

// A line, cut at the right border; nothing where the screen is full.
static void print_line(const char *format, ...) PRINTF_LIKE;
static void print_line(const char *format, ...) {
    char text[512];
    va_list arguments;
    const struct view *view = paper.view;
    if (view->rows && paper.lines >= view->rows) return;
    paper.lines++;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';  // a process's name may hold anything
    printf("%.*s%s", view->columns ? view->columns : (int)sizeof text, text,
           view->rows && paper.lines == view->rows ? "" : view->end_of_line);
}

// A kernel may take back a little of what it has counted.
static unsigned long long difference(unsigned long long now, unsigned long long before) {
    return now > before ? now - before : 0;
}

static void print_harts(const char *name, const struct times *now, const struct times *before) {
    unsigned long long user = difference(now->user + now->nice, before->user + before->nice);
    unsigned long long system = difference(now->system, before->system);
    unsigned long long idle = difference(now->idle, before->idle);
    unsigned long long waiting = difference(now->waiting, before->waiting);
    double all = (double)(user + system + idle + waiting), share = all > 0 ? 100 / all : 0;
    print_line("%-8s: %5.1f us, %5.1f sy, %5.1f id, %5.1f wa", name, (double)user * share,
               (double)system * share, (double)idle * share, (double)waiting * share);
}

static void print_head(const struct sample *sample, const struct sample *before) {
    static const struct times none;
    char clock[16], name[16];
    time_t now = time(NULL);
    unsigned long minutes = (unsigned long)sample->uptime / 60;
    strftime(clock, sizeof clock, "%H:%M:%S", localtime(&now));
    print_line("top - %s up %lu:%02lu, load average: %.2f, %.2f, %.2f", clock, minutes / 60,
               minutes % 60, sample->load[0], sample->load[1], sample->load[2]);
    size_t running = 0, stopped = 0, zombies = 0;
    for (size_t i = 0; i < sample->count; i++) {
        char state = sample->processes[i].state;
        running += state == 'R';
        stopped += state == 'T' || state == 't';
        zombies += state == 'Z';
    }
    print_line("Tasks: %zu total, %zu running, %zu sleeping, %zu stopped, %zu zombie",
               sample->count, running, sample->count - running - stopped - zombies, stopped,
               zombies);
    if (sample->hart_count == 0 || sample->hart_count > MOST_HART_LINES)
        print_harts("%Cpu(s)", &sample->all, before ? &before->all : &none);
    for (int i = 0; i < sample->hart_count && sample->hart_count <= MOST_HART_LINES; i++) {
        snprintf(name, sizeof name, "%%Cpu%d", i);
        print_harts(name, &sample->harts[i], before ? &before->harts[i] : &none);
    }
    print_line("KiB Mem : %8llu total, %8llu free, %8llu used, %8llu cache", sample->total,
               sample->free_now, sample->total - sample->free_now - sample->cached, sample->cached);
    if (sample->swap_total)
        print_line("KiB Swap: %8llu total, %8llu free", sample->swap_total, sample->swap_free);
    print_line("%s", "");
}

static enum order order;

static int compare(const void *a, const void *b) {
    const struct process *left = a, *right = b;
    if (order == BY_CPU && left->cpu != right->cpu) return left->cpu < right->cpu ? 1 : -1;
    if (order == BY_MEMORY && left->resident_kilobytes != right->resident_kilobytes)
        return left->resident_kilobytes < right->resident_kilobytes ? 1 : -1;
    if (order == BY_TIME && left->ticks != right->ticks) return left->ticks < right->ticks ? 1 : -1;
    return (left->pid > right->pid) - (left->pid < right->pid);
}

static void print_process(const struct sample *sample, const struct process *process) {
    unsigned long long hundredths = process->ticks * 100 / (unsigned long)sysconf(_SC_CLK_TCK);
    double memory =
        sample->total ? 100.0 * (double)process->resident_kilobytes / (double)sample->total : 0;
    print_line("%5d %-8.8s %3ld %3ld %7lld %6lld %c %5.1f %5.1f %3llu:%02llu.%02llu %s",
               process->pid, user_name(process->uid), process->priority, process->nice,
               process->virtual_kilobytes, process->resident_kilobytes, process->state,
               process->cpu, memory, hundredths / 6000, hundredths / 100 % 60, hundredths % 100,
               process->name);
}

static int is_shown(const struct process *process, const char *pids) {
    while (pids && *pids) {
        char *end;
        if (strtol(pids, &end, 10) == process->pid) return 1;
        pids = *end ? end + 1 : end;
    }
    return !pids;
}

void print_table(struct sample *sample, const struct sample *before, const struct view *view) {
    paper.view = view;
    paper.lines = 0;
    order = view->order;
    qsort(sample->processes, sample->count, sizeof *sample->processes, compare);
    print_head(sample, before);
    print_line("  PID USER      PR  NI    VIRT    RES S  %%CPU  %%MEM     TIME+ COMMAND");
    for (size_t i = 0; i < sample->count; i++)
        if (is_shown(&sample->processes[i], view->pids))
            print_process(sample, &sample->processes[i]);
}
