// Signals. struct sigaction and sigset_t are the kernel's own.
#pragma once

#include <abi/signal.h>
#include <sys/types.h>

#define SIGRTMIN 34
#define SIGRTMAX 64
#define _NSIG 65

typedef int sig_atomic_t;

int kill(pid_t pid, int signal);
int killpg(pid_t pgid, int signal);
int tgkill(pid_t tgid, pid_t tid, int signal);
int raise(int signal);
sighandler_t signal(int signal, sighandler_t handler);
int sigaction(int signal, const struct sigaction *action, struct sigaction *old_action);
int siginterrupt(int signal, int flag);
int sigaltstack(const stack_t *stack, stack_t *old_stack);
int sigprocmask(int how, const sigset_t *set, sigset_t *old_set);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);
int sigwait(const sigset_t *set, int *signal);
int sigwaitinfo(const sigset_t *set, siginfo_t *info);
struct timespec;
int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout);
int sigqueue(pid_t pid, int signal, const union sigval value);
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int signal);
int sigdelset(sigset_t *set, int signal);
int sigismember(const sigset_t *set, int signal);
void psignal(int signal, const char *text);

// Names such as "INT", numbers such as "9"; -1 if there is none. NULL if there is no name.
int signal_from_name(const char *name);
const char *sigabbrev_np(int signal);
