// The processes that are traced: each stop that wait4 tells of is looked at, reported, and ended.
// Reference: ptrace(2), "Stopped states".
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "strace.h"
#include "util.h"

#define CALL_STOP (SIGTRAP | 0x80)

static struct tracee *tracees;

struct tracee *add_tracee(pid_t pid) {
    struct tracee *tracee = need_memory(NULL, sizeof *tracee);
    *tracee = (struct tracee){.next = tracees, .pid = pid, .expects_stop = 1};
    tracees = tracee;
    return tracee;
}

static struct tracee *find_tracee(pid_t pid) {
    for (struct tracee *tracee = tracees; tracee; tracee = tracee->next)
        if (tracee->pid == pid) return tracee;
    if (options.follow) {
        if (!out_is_file) leave_line();
        fprintf(stderr, "strace: Process %d attached\n", pid);
    }
    return add_tracee(pid);
}

int tracee_count(void) {
    int count = 0;
    for (struct tracee *tracee = tracees; tracee; tracee = tracee->next) count++;
    return count;
}

static void forget(struct tracee *gone) {
    for (struct tracee **link = &tracees; *link; link = &(*link)->next) {
        if (*link != gone) continue;
        *link = gone->next;
        free(gone);
        return;
    }
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000 + time.tv_nsec;
}

static void on_entry(struct tracee *tracee, const struct ptrace_syscall_info *info) {
    tracee->in_call = 1;
    tracee->number = info->entry.nr;
    for (int i = 0; i < MOST_ARGUMENTS; i++) tracee->arguments[i] = info->entry.args[i];
    if (!options.count && is_chosen(tracee->number)) report_entry(tracee);
    tracee->entered = now();
}

static void on_exit_of_call(struct tracee *tracee, const struct ptrace_syscall_info *info) {
    if (!tracee->in_call)  // it was inside already when tracing began
        return;
    if (is_chosen(tracee->number)) {
        if (options.count) count_call(tracee->number, now() - tracee->entered, info->exit.is_error);
        else report_exit(tracee, info->exit.rval, info->exit.is_error);
    }
    tracee->in_call = 0;
}

static void on_call(struct tracee *tracee) {
    struct ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, (void *)sizeof info, &info) < 0)
        return;  // killed meanwhile
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) on_entry(tracee, &info);
    else if (info.op == PTRACE_SYSCALL_INFO_EXIT) on_exit_of_call(tracee, &info);
}

static void report_signal(struct tracee *tracee, int signal, const siginfo_t *info) {
    if (options.count) return;
    report(tracee, "--- ");
    print_signal(signal);
    fprintf(out, " {si_signo=");
    print_signal(info->si_signo);
    fprintf(out, ", si_code=%d", info->si_code);
    if (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE)
        fprintf(out, ", si_addr=%#lx", (unsigned long)info->si_addr);
    else if (info->si_code <= 0 || signal == SIGCHLD) fprintf(out, ", si_pid=%d", info->si_pid);
    if (signal == SIGCHLD) fprintf(out, ", si_status=%d", info->si_status);
    fputs("} ---\n", out);
}

// ^Z has stopped the program for good, as a job: strace is of the same job.
static void on_job_stop(struct tracee *tracee, int signal) {
    if (!options.count) {
        report(tracee, "--- stopped by ");
        print_signal(signal);
        fputs(" ---\n", out);
        fflush(out);
    }
    if (signal == SIGTSTP && getpgid(tracee->pid) == getpgrp()) raise(SIGSTOP);
}

static void set_options(struct tracee *tracee) {
    long wanted = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
    if (options.follow) wanted |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    ptrace(PTRACE_SETOPTIONS, tracee->pid, NULL, (void *)wanted);
}

static void on_stop(struct tracee *tracee, int status) {
    int signal = WSTOPSIG(status), event = status >> 16;
    long passed_on = 0;
    siginfo_t info;
    if (tracee->expects_stop && signal == SIGSTOP && !event) {
        tracee->expects_stop = 0;
        set_options(tracee);
    } else if (signal == CALL_STOP) {
        on_call(tracee);
    } else if (!event && ptrace(PTRACE_GETSIGINFO, tracee->pid, NULL, &info) == 0) {
        report_signal(tracee, signal, &info);
        passed_on = signal;
    } else if (!event) {
        on_job_stop(tracee, signal);
    }
    ptrace(PTRACE_SYSCALL, tracee->pid, NULL, (void *)passed_on);
}

static void on_death(struct tracee *tracee, int status) {
    if (!options.count) {
        close_line(tracee);
        if (WIFSIGNALED(status)) {
            report(tracee, "+++ killed by ");
            print_signal(WTERMSIG(status));
            fputs(" +++\n", out);
        } else {
            report(tracee, "+++ exited with %d +++\n", WEXITSTATUS(status));
        }
    }
    forget(tracee);
}

int follow(pid_t main_pid, volatile int *detach) {
    int status, main_status = 0;
    while (tracees && !*detach) {
        fflush(out);
        pid_t pid = waitpid(-1, &status, WUNTRACED);
        if (pid < 0 && errno != EINTR) break;
        if (pid < 0) continue;
        struct tracee *tracee = find_tracee(pid);
        if (WIFSTOPPED(status)) {
            on_stop(tracee, status);
            continue;
        }
        on_death(tracee, status);
        if (pid == main_pid) main_status = status;
    }
    // What is still traced goes on by itself when strace ends.
    for (struct tracee *tracee = tracees; tracee; tracee = tracee->next) {
        if (!options.count) close_line(tracee);
        fprintf(stderr, "strace: Process %d detached\n", tracee->pid);
    }
    return main_status;
}
