// Signals. struct sigaction and sigset_t are the kernel's own.
#pragma once

#include <abi/signal.h>
#include <sys/types.h>

// What the kernel has no use for; the rest is in abi/signal.h.
#define SIGABRT 6
#define SIGIOT SIGABRT
#define SIGUSR1 10
#define SIGUSR2 12
#define SIGTERM 15
#define SIGSTKFLT 16
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGPOLL SIGIO
#define SIGPWR 30
#define SIGSYS 31
#define SA_SIGINFO 0x00000004ul
#define SIG_ERR ((sighandler_t)-1)
#define SIGSTKSZ 8192
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_MESGQ (-3)
#define SI_ASYNCIO (-4)
#define SI_SIGIO (-5)
#define ILL_ILLOPN 2
#define ILL_ILLADR 3
#define ILL_ILLTRP 4
#define ILL_PRVOPC 5
#define FPE_INTDIV 1
#define FPE_FLTDIV 3
#define BUS_OBJERR 3
#define TRAP_TRACE 2
#define CLD_DUMPED 3
#define REG_RA 1
#define REG_SP 2
#define REG_GP 3
#define REG_TP 4
#define REG_A0 10

#define SIGRTMIN 34
#define SIGRTMAX 64
#define _NSIG 65

typedef int sig_atomic_t;
typedef union sigval sigval_t;

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
