// The kernel's own counters, for tests that count before and after.
#pragma once

#include "check.h"

// A number of a file of /proc/goose.
static inline long counter(const char *path, const char *name) {
    const char *line = text_of(path);
    size_t length = strlen(name);
    while (strncmp(line, name, length) != 0 || line[length] != ' ') {
        line = strchr(line, '\n');
        if (!line) check_failed(path, 0, name, "no such counter");
        line++;
    }
    return atol(line + length);
}

static inline long free_frames(void) {
    return counter("/proc/goose/frames", "free");
}

struct counters {
    long frames, heap_objects, open_files, inodes, threads, processes;
};

static inline struct counters count_all(void) {
    const char *objects = "/proc/goose/objects";
    return (struct counters){
        .frames = -free_frames(),
        .heap_objects = counter(objects, "heap_objects"),
        .open_files = counter(objects, "open_files"),
        .inodes = counter(objects, "inodes"),
        .threads = counter(objects, "threads"),
        .processes = counter(objects, "processes"),
    };
}

// The counter that has grown, or null. Caches may grow a little; a leak shows once for each turn.
static inline const char *leak_between(struct counters before, struct counters now, int turns) {
    long slack = turns / 2;
    if (now.open_files > before.open_files) return "open files";
    if (now.threads > before.threads) return "threads";
    if (now.processes > before.processes) return "processes";
    if (now.inodes - before.inodes >= slack) return "inodes";
    if (now.heap_objects - before.heap_objects >= slack) return "heap objects";
    if (now.frames - before.frames >= slack) return "frames";
    return NULL;
}

// Runs `cycle` often; all that it takes is given back. The kernel may do so a little later.
static inline void check_leaks_nothing(void (*cycle)(void)) {
    enum { TURNS = 200 };
    for (int i = 0; i < TURNS / 4; i++) cycle();
    nap(20);
    struct counters before = count_all();
    for (int i = 0; i < TURNS; i++) cycle();
    const char *leak = NULL;
    for (int i = 0; i < 200; i++) {
        leak = leak_between(before, count_all(), TURNS);
        if (!leak) return;
        nap(10);
    }
    check_failed(__FILE__, __LINE__, leak, "more than before");
}
