// Ends what a stress program leaves behind: processes that have left their parent, their group and
// their session are found in /proc.
#pragma once
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_PROCESSES 4096

static inline void sleep_milliseconds(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

struct process_set {
    int count;
    pid_t pids[MOST_PROCESSES];
};

static inline void list_processes(struct process_set *set) {
    set->count = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && set->count < MOST_PROCESSES) set->pids[set->count++] = pid;
    }
    if (folder) closedir(folder);
}

static inline int is_in_set(const struct process_set *set, pid_t pid) {
    for (int i = 0; i < set->count; i++) {
        if (set->pids[i] == pid) return 1;
    }
    return 0;
}

// Kills every process that `known` does not have, but not the caller, until there is none: other
// users' programs must not start meanwhile. Returns how many do not die.
static inline int kill_strangers(const struct process_set *known) {
    static struct process_set now;
    int left = 0;
    for (int turn = 0; turn < 2000; turn++) {
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
        left = 0;
        list_processes(&now);
        for (int i = 0; i < now.count; i++) {
            if (is_in_set(known, now.pids[i]) || now.pids[i] == getpid()) continue;
            if (kill(now.pids[i], SIGKILL) == 0 || errno == EPERM) left++;
        }
        if (left == 0) return 0;
        sleep_milliseconds(5);
    }
    return left;
}
