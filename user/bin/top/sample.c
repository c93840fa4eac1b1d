// One look at /proc: proc(5) has the forms of its files.
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "top.h"
#include "util.h"

// The text of a file, cut at `size`; empty where it cannot be read.
static char *read_text(const char *path, char *text, size_t size) {
    size_t length = 0;
    int file = open(path, O_RDONLY);
    if (file >= 0) {
        ssize_t more;
        while (length < size - 1 && (more = read(file, text + length, size - 1 - length)) > 0)
            length += (size_t)more;
        close(file);
    }
    text[length] = '\0';
    return text;
}

static int parse_times(const char *line, struct times *times) {
    return sscanf(line, "%llu %llu %llu %llu %llu", &times->user, &times->nice, &times->system,
                  &times->idle, &times->waiting) == 5;
}

// "cpu" is the sum; "cpu0" and so on follow.
static void read_times(struct sample *sample) {
    static char text[16384];
    read_text("/proc/stat", text, sizeof text);
    char *next = text;
    for (char *line; (line = strsep(&next, "\n")) != NULL && strncmp(line, "cpu", 3) == 0;) {
        char *numbers = strchr(line, ' ');
        if (!numbers) continue;
        if (line[3] == ' ') parse_times(numbers, &sample->all);
        else if (sample->hart_count < MOST_HARTS &&
                 parse_times(numbers, &sample->harts[sample->hart_count]))
            sample->hart_count++;
    }
}

static void read_memory(struct sample *sample) {
    const struct {
        const char *name;
        unsigned long long *kilobytes;
    } fields[] = {{"MemTotal:", &sample->total},         {"MemFree:", &sample->free_now},
                  {"MemAvailable:", &sample->available}, {"Cached:", &sample->cached},
                  {"SwapTotal:", &sample->swap_total},   {"SwapFree:", &sample->swap_free}};
    static char text[8192];
    char *next = read_text("/proc/meminfo", text, sizeof text);
    for (char *line; (line = strsep(&next, "\n")) != NULL;)
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
            if (strncmp(line, fields[i].name, strlen(fields[i].name)) == 0)
                *fields[i].kilobytes = strtoull(line + strlen(fields[i].name), NULL, 10);
}

// The name in parentheses may hold blanks and parentheses itself: the last one ends it. Fields are
// counted as in proc(5), the state being the third.
static int parse_process(struct process *process, char *text) {
    char *name = strchr(text, '('), *end = strrchr(text, ')');
    long long field[25] = {0};
    if (!name || !end || strlen(end) < 5) return 0;
    snprintf(process->name, sizeof process->name, "%.*s", (int)(end - name - 1), name + 1);
    process->state = end[2];
    char *next = end + 3;
    for (int i = 4; i < 25 && *next; i++) field[i] = strtoll(next, &next, 10);
    process->ticks = (unsigned long long)(field[14] + field[15]);
    process->priority = (long)field[18];
    process->nice = (long)field[19];
    process->start_ticks = (unsigned long long)field[22];
    process->virtual_kilobytes = field[23] / 1024;
    process->resident_kilobytes = field[24] * (sysconf(_SC_PAGESIZE) / 1024);
    return 1;
}

static int read_process(struct process *process, const char *number) {
    char path[64], text[1024];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%s", number);
    if (stat(path, &st) != 0) return 0;
    snprintf(path, sizeof path, "/proc/%s/stat", number);
    *process = (struct process){.pid = (pid_t)atol(number), .uid = st.st_uid};
    return parse_process(process, read_text(path, text, sizeof text));
}

static const struct process *find_process(const struct sample *sample, const struct process *same) {
    for (size_t i = 0; i < sample->count; i++)
        if (sample->processes[i].pid == same->pid &&
            sample->processes[i].start_ticks == same->start_ticks)
            return &sample->processes[i];
    return NULL;
}

static void find_share(struct sample *sample, const struct sample *before,
                       struct process *process) {
    double ticks_per_second = (double)sysconf(_SC_CLK_TCK);
    const struct process *earlier = before ? find_process(before, process) : NULL;
    double seconds = earlier ? sample->uptime - before->uptime
                             : sample->uptime - (double)process->start_ticks / ticks_per_second;
    double used = (double)(process->ticks - (earlier ? earlier->ticks : 0)) / ticks_per_second;
    process->cpu = seconds > 0.01 && used > 0 ? used / seconds * 100 : 0;
}

static void read_processes(struct sample *sample, const struct sample *before) {
    size_t room = 0;
    DIR *folder = opendir("/proc");
    if (!folder) die_errno("cannot read /proc");
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (!isdigit((unsigned char)entry->d_name[0])) continue;
        if (sample->count == room)
            sample->processes =
                need_memory(sample->processes, (room += 64) * sizeof *sample->processes);
        struct process *process = &sample->processes[sample->count];
        if (!read_process(process, entry->d_name)) continue;
        find_share(sample, before, process);
        sample->count++;
    }
    closedir(folder);
}

void take_sample(struct sample *sample, const struct sample *before) {
    char text[256];
    memset(sample, 0, sizeof *sample);
    char *next = read_text("/proc/uptime", text, sizeof text);
    sample->uptime = strtod(next, &next);
    if (next == text) die("cannot read /proc/uptime");
    next = read_text("/proc/loadavg", text, sizeof text);
    for (int i = 0; i < 3; i++) sample->load[i] = strtod(next, &next);
    read_times(sample);
    read_memory(sample);
    read_processes(sample, before);
}

void free_sample(struct sample *sample) {
    free(sample->processes);
    memset(sample, 0, sizeof *sample);
}
