// Jobs: the processes of a pipeline, their group, the terminal, and what became of them.
// With job control (an interactive shell) each job is a process group of its own, and the one in
// the foreground owns the terminal. Reference: POSIX, General Terminal Interface, 11.1.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sh.h"

enum state { RUNNING, STOPPED, DONE };

struct process {
    pid_t pid;
    enum state state;
    int status;  // as wait gives it
};

struct job {
    int number;
    pid_t group;  // the first process
    struct process *processes;
    int count, room;
    const struct stage *stages;  // only while run_pipeline runs
    char *text;                  // once it is in the background or stopped
    int reported;                // stopped, and that has been said
    struct job *next;
};

static struct job *jobs;  // the latest first
static int terminal = -1;
static pid_t shell_group;
static const int terminal_signals[] = {SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};
#define TERMINAL_SIGNALS (sizeof(terminal_signals) / sizeof(terminal_signals[0]))

// What was blocked before a job's processes are made. Until a child has put aside what only the
// shell ignores or traps, signals wait: one that came in between would be lost.
static sigset_t before_job;

static sigjmp_buf before_read;
static volatile sig_atomic_t reading;

static void on_interrupt(int signal) {
    (void)signal;
    shell.interrupted = 1;
    if (reading) siglongjmp(before_read, 1);
}

// A flag alone would be too late for a ^C between looking at it and sleeping in read.
ssize_t read_unless_interrupted(int fd, void *buf, size_t size) {
    ssize_t length = -1;
    if (sigsetjmp(before_read, 1) == 0) {
        reading = 1;
        while (!shell.interrupted) {
            length = read(fd, buf, size);
            if (length >= 0 || errno != EINTR) break;
        }
    } else {
        length = -1;
    }
    reading = 0;
    return length;
}

void jobs_start(void) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_interrupt;  // without SA_RESTART: waiting ends
    sigaction(SIGINT, &action, NULL);
    for (size_t i = 0; i < TERMINAL_SIGNALS; i++) signal(terminal_signals[i], SIG_IGN);
    terminal = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
    setpgid(0, 0);
    shell_group = getpgrp();
    tcsetpgrp(terminal, shell_group);
}

struct job *job_new(const struct stage *stages, int count) {
    struct job *job = need(calloc(1, sizeof(*job)));
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before_job);
    job->stages = stages;
    job->room = count;
    job->processes = need(calloc((size_t)count, sizeof(struct process)));
    for (struct job *other = jobs; other; other = other->next) {
        if (other->number > job->number) job->number = other->number;
    }
    job->number++;
    job->next = jobs;
    jobs = job;
    return job;
}

static void remove_job(struct job *job) {
    for (struct job **link = &jobs; *link; link = &(*link)->next) {
        if (*link != job) continue;
        *link = job->next;
        break;
    }
    free(job->processes);
    free(job->text);
    free(job);
}

void jobs_forget(void) {
    while (jobs) remove_job(jobs);
    reset_traps();
    if (!shell.interactive) return;
    shell.interactive = 0;
    signal(SIGINT, SIG_DFL);
    for (size_t i = 0; i < TERMINAL_SIGNALS; i++) signal(terminal_signals[i], SIG_DFL);
}

void job_add(struct job *job, pid_t pid) {
    job->processes[job->count++] = (struct process){.pid = pid, .state = RUNNING};
    if (job->group == 0) job->group = pid;
    // Parent and child both do it: who comes first must not matter.
    if (shell.interactive) setpgid(pid, job->group);
}

void job_enter(struct job *job, enum place place) {
    int controlled = shell.interactive;
    if (controlled) {
        pid_t group = job->group ? job->group : getpid();
        setpgid(0, group);
        if (place == FOREGROUND) tcsetpgrp(terminal, group);
    }
    jobs_forget();
    sigprocmask(SIG_SETMASK, &before_job, NULL);
    if (controlled || place == FOREGROUND) return;
    // Without job control, the keyboard is not for the background.
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    int null = open("/dev/null", O_RDONLY);
    if (null > 0) {
        dup2(null, STDIN_FILENO);
        close(null);
    }
}

int exit_status(int status) {
    if (WIFSTOPPED(status)) return 128 + WSTOPSIG(status);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Waits for any child to change; 0 if there is none, or ^C came first.
static int wait_one(int options) {
    // BEGIN SOLUTION(files.wait_job)
    int status;
    pid_t pid;
    do {
        pid = waitpid(-1, &status, options | (shell.interactive ? WUNTRACED : 0));
    } while (pid < 0 && errno == EINTR && !shell.interrupted);
    if (pid <= 0) return 0;
    for (struct job *job = jobs; job; job = job->next) {
        for (int i = 0; i < job->count; i++) {
            if (job->processes[i].pid != pid) continue;
            job->processes[i].status = status;
            job->processes[i].state = WIFSTOPPED(status) ? STOPPED : DONE;
            if (WIFSTOPPED(status)) job->reported = 0;
        }
    }
    return 1;
    // END SOLUTION
    // STUB: (void)options;
    // STUB: return report_error(0, "files.wait_job: yours to write");
    // UNTIL: (void)options;
    // UNTIL: return 0;
}

static enum state job_state(const struct job *job) {
    enum state state = DONE;
    for (int i = 0; i < job->count; i++) {
        if (job->processes[i].state == RUNNING) return RUNNING;
        if (job->processes[i].state == STOPPED) state = STOPPED;
    }
    return state;
}

static int job_status(const struct job *job) {
    return job->count > 0 ? job->processes[job->count - 1].status : 0;
}

// The stages' trees are gone when the line has been run.
static void keep_text(struct job *job) {
    if (job->text || !job->stages) return;
    for (int i = 0; i < job->room; i++) {
        char *part = command_text(job->stages[i].node);
        size_t used = job->text ? strlen(job->text) : 0;
        job->text = need(realloc(job->text, used + strlen(part) + 4));
        sprintf(job->text + used, "%s%s", i > 0 ? " | " : "", part);
        free(part);
    }
    job->stages = NULL;
}

static const char *death_text(int status, char *buf, size_t size) {
    snprintf(buf, size, "%s%s", strsignal(WTERMSIG(status)),
             WCOREDUMP(status) ? " (core dumped)" : "");
    return buf;
}

static void report_job(struct job *job) {
    char death[64], exited[32];
    int status = job_status(job);
    const char *state = "Running";
    if (job_state(job) == STOPPED) state = "Stopped";
    else if (job_state(job) == DONE && WIFSIGNALED(status)) {
        state = death_text(status, death, sizeof(death));
    } else if (job_state(job) == DONE) {
        state = "Done";
        snprintf(exited, sizeof(exited), "Done(%d)", WEXITSTATUS(status));
        if (WEXITSTATUS(status) != 0) state = exited;
    }
    fprintf(stderr, "[%d]  %-22s %s\n", job->number, state, job->text ? job->text : "");
}

static int wait_foreground(struct job *job) {
    while (job_state(job) == RUNNING && wait_one(0)) continue;
    if (shell.interactive) tcsetpgrp(terminal, shell_group);
    int status = job_status(job);
    if (job_state(job) == STOPPED) {
        keep_text(job);
        fputs("\n", stderr);
        report_job(job);
        job->reported = 1;
        job->stages = NULL;
        return exit_status(status);
    }
    if (WIFSIGNALED(status)) {
        char death[64];
        int signal = WTERMSIG(status);
        if (signal == SIGINT && shell.interactive) {
            fputs("\n", stderr);
            shell.interrupted = 1;  // the rest of the line is not wanted either
        } else if (signal != SIGINT && signal != SIGPIPE) {
            fprintf(stderr, "%s\n", death_text(status, death, sizeof(death)));
        }
    }
    remove_job(job);
    return exit_status(status);
}

int job_wait(struct job *job) {
    sigprocmask(SIG_SETMASK, &before_job, NULL);
    if (shell.interactive && job->group) tcsetpgrp(terminal, job->group);
    return wait_foreground(job);
}

int job_leave_running(struct job *job) {
    sigprocmask(SIG_SETMASK, &before_job, NULL);
    if (job->count == 0) {
        remove_job(job);
        return 2;
    }
    keep_text(job);
    shell.background = job->processes[job->count - 1].pid;
    if (shell.interactive) fprintf(stderr, "[%d] %d\n", job->number, (int)shell.background);
    return 0;
}

struct job *find_job(const char *name) {
    int by_number = *name == '%';
    long wanted = atol(name + by_number);
    int latest = by_number && (name[1] == 0 || strchr("%+", name[1]));
    for (struct job *job = jobs; job; job = job->next) {
        if (latest || (by_number && job->number == wanted)) return job;
        for (int i = 0; i < job->count && !by_number; i++) {
            if (job->processes[i].pid == wanted) return job;
        }
    }
    return NULL;
}

pid_t job_group(const char *name) {
    struct job *job = find_job(name);
    return job ? job->group : 0;
}

int job_resume(struct job *job, enum place place) {
    for (int i = 0; i < job->count; i++) {
        if (job->processes[i].state == STOPPED) job->processes[i].state = RUNNING;
    }
    fprintf(stderr, "%s\n", job->text);
    if (place == FOREGROUND) tcsetpgrp(terminal, job->group);
    kill(-job->group, SIGCONT);
    return place == FOREGROUND ? wait_foreground(job) : 0;
}

static void notice(int signal) { (void)signal; }

// Like wait_one(0), but a signal with a trap ends it as well. None is missed: they are blocked except
// while this sleeps, and the end of a child is made a signal that ends the sleep.
static int wait_one_or_trap(void) {
    struct sigaction noticing = {.sa_handler = notice}, before;
    sigset_t all, mask;
    int changed = 0;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &mask);
    sigaction(SIGCHLD, NULL, &before);
    if (before.sa_handler == SIG_DFL) sigaction(SIGCHLD, &noticing, NULL);
    while (!shell.interrupted && !trap_arrived()) {
        errno = 0;
        changed = wait_one(WNOHANG);
        if (changed || errno == ECHILD) break;
        sigsuspend(&mask);
    }
    if (before.sa_handler == SIG_DFL) sigaction(SIGCHLD, &before, NULL);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return changed;
}

int job_wait_background(struct job *job) {
    while (job_state(job) == RUNNING && wait_one_or_trap()) continue;
    if (job_state(job) == RUNNING && trap_arrived()) return 128 + trap_arrived();
    if (job_state(job) != DONE) return shell.interrupted ? 130 : exit_status(job_status(job));
    int status = exit_status(job_status(job));
    remove_job(job);
    return status;
}

int wait_for_all(void) {
    for (struct job *job = jobs; job;) {
        struct job *next = job->next;
        if (job_state(job) != STOPPED) job_wait_background(job);
        if (shell.interrupted) return 130;
        if (trap_arrived()) return 128 + trap_arrived();
        job = next;
    }
    return 0;
}

void jobs_report(int all) {
    while (jobs && wait_one(WNOHANG)) continue;
    for (struct job *job = jobs; job;) {
        struct job *next = job->next;
        enum state state = job_state(job);
        if (all || state == DONE || (state == STOPPED && !job->reported)) report_job(job);
        job->reported = 1;
        if (state == DONE) remove_job(job);
        job = next;
    }
}
