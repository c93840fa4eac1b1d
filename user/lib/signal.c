// Signals: sets, actions and waiting. RISC-V needs no restorer, so the kernel's structure is ours.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libc.h"

int sigemptyset(sigset_t *set) {
    *set = 0;
    return 0;
}

int sigfillset(sigset_t *set) {
    *set = ~0ul;
    return 0;
}

static int valid_signal(int signal) {
    if (signal >= 1 && signal < NSIG) return 1;
    errno = EINVAL;
    return 0;
}

int sigaddset(sigset_t *set, int signal) {
    if (!valid_signal(signal)) return -1;
    *set |= 1ul << (signal - 1);
    return 0;
}

int sigdelset(sigset_t *set, int signal) {
    if (!valid_signal(signal)) return -1;
    *set &= ~(1ul << (signal - 1));
    return 0;
}

int sigismember(const sigset_t *set, int signal) {
    if (!valid_signal(signal)) return -1;
    return (*set >> (signal - 1)) & 1;
}

int sigaction(int signal, const struct sigaction *action, struct sigaction *old_action) {
    return (int)sys_rt_sigaction(signal, action, old_action, sizeof(sigset_t));
}

sighandler_t signal(int signal, sighandler_t handler) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;
    return sigaction(signal, &action, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int siginterrupt(int signal, int flag) {
    struct sigaction action;
    if (sigaction(signal, NULL, &action) < 0) return -1;
    action.sa_flags = flag ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
    return sigaction(signal, &action, NULL);
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old_set) {
    return (int)sys_rt_sigprocmask(how, set, old_set, sizeof(sigset_t));
}

int sigpending(sigset_t *set) {
    return (int)sys_rt_sigpending(set, sizeof(sigset_t));
}

int sigsuspend(const sigset_t *mask) {
    return (int)sys_rt_sigsuspend(mask, sizeof(sigset_t));
}

int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout) {
    return (int)sys_rt_sigtimedwait(set, info, timeout, sizeof(sigset_t));
}

int sigwaitinfo(const sigset_t *set, siginfo_t *info) {
    return sigtimedwait(set, info, NULL);
}

int sigwait(const sigset_t *set, int *signal) {
    int result;
    do {
        result = sigtimedwait(set, NULL, NULL);
    } while (result < 0 && errno == EINTR);
    if (result < 0) return errno;
    *signal = result;
    return 0;
}

int sigqueue(pid_t pid, int signal, const union sigval value) {
    siginfo_t info = {.si_signo = signal, .si_code = SI_QUEUE};
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value = value;
    return (int)sys_rt_sigqueueinfo(pid, signal, &info);
}

int killpg(pid_t pgid, int signal) {
    if (pgid < 0) {
        errno = EINVAL;
        return -1;
    }
    return kill(-pgid, signal);
}

int raise(int signal) {
    return tgkill(getpid(), gettid(), signal);
}

int pause(void) {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    return sigsuspend(&mask);
}

void psignal(int signal, const char *text) {
    if (text && *text) fprintf(stderr, "%s: ", text);
    fprintf(stderr, "%s\n", strsignal(signal));
}

// The second half of sigsetjmp (setjmp.S); 0 is what sigsetjmp returns.
int __save_mask(sigjmp_buf buf, int save_mask);

int __save_mask(sigjmp_buf buf, int save_mask) {
    buf->mask_saved = save_mask != 0;
    if (save_mask) sigprocmask(SIG_BLOCK, NULL, &buf->mask);
    return 0;
}

_Noreturn void siglongjmp(sigjmp_buf buf, int value) {
    if (buf->mask_saved) sigprocmask(SIG_SETMASK, &buf->mask, NULL);
    longjmp(buf, value);
}
