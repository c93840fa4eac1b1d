// Running a pipeline: one process for each stage, a pipe between neighbours, all in one process
// group. Part of the lab "Files, pipes, signals, shell": before it, a pipeline is one command.
// Interface: run_pipeline, called by run.c for everything that needs a process.
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

// BEGIN SOLUTION(files.run_pipeline)
static void move_fd(int from, int to) {
    if (from < 0 || from == to) return;
    dup2(from, to);
    close(from);
}

static void close_fd(int fd) {
    if (fd >= 0) close(fd);
}

// Starts one stage, which reads from `input` and writes to ends[1]; -1 means the shell's own. The
// child must not keep ends[0]: the reader of the next stage could end and no one would notice.
static pid_t start_stage(const struct stage *stage, struct job *job, enum place place, int input,
                         const int ends[2]) {
    pid_t pid = fork();
    if (pid == 0) {
        job_enter(job, place);
        close_fd(ends[0]);
        move_fd(input, STDIN_FILENO);
        move_fd(ends[1], STDOUT_FILENO);
        run_stage(stage);
    }
    return pid;
}

int run_pipeline(const struct stage *stages, int count, enum place place) {
    struct job *job = job_new(stages, count);
    int input = -1, failed = 0;
    for (int i = 0; i < count && !failed; i++) {
        int ends[2] = {-1, -1};
        int ready = i + 1 == count || pipe(ends) == 0;
        pid_t pid = ready ? start_stage(&stages[i], job, place, input, ends) : -1;
        failed = pid < 0;
        if (failed) report_error(2, "Cannot fork: %s", strerror(errno));
        else job_add(job, pid);
        // The shell keeps no end: the readers see the end of the file when the writers have ended.
        close_fd(input);
        close_fd(ends[1]);
        input = ends[0];
    }
    close_fd(input);
    int status = place == FOREGROUND ? job_wait(job) : job_leave_running(job);
    return failed ? 2 : status;
}
// END SOLUTION
// STUB: int run_pipeline(const struct stage *stages, int count, enum place place) {
// STUB:     (void)stages, (void)count, (void)place;
// STUB:     return report_error(2, "files.run_pipeline: yours to write");
// STUB: }
// UNTIL: int run_pipeline(const struct stage *stages, int count, enum place place) {
// UNTIL:     (void)count, (void)place;
// UNTIL:     int status;
// UNTIL:     pid_t pid = fork();
// UNTIL:     if (pid == 0) run_stage(stages);
// UNTIL:     if (pid < 0) return report_error(2, "Cannot fork: %s", strerror(errno));
// UNTIL:     return waitpid(pid, &status, 0) < 0 ? 2 : exit_status(status);
// UNTIL: }
