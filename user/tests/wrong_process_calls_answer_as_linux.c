// Calls about processes, signals and limits with wrong arguments: which error, and which comes first.
// not-on-qemu-user: it looks at pointers itself, before anything else
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>

#include "questions.h"

#define NOBODY 999999l

static long words[64];

static void about_processes(void) {
    ASK(-EINVAL, kill, getpid(), 65);
    ASK(-ESRCH, kill, NOBODY, -1);
    ASK(-ESRCH, kill, NOBODY, 0);
    ASK(-ESRCH, kill, -NOBODY, SIGTERM);
    ASK(0, kill, getpid(), 0);
    ASK(-EINVAL, tkill, 0, 0);
    ASK(-EINVAL, tkill, -1, 99);
    ASK(-EINVAL, tkill, getpid(), 99);
    ASK(-ESRCH, tkill, NOBODY, 0);
    ASK(-EINVAL, tgkill, 0, getpid(), 0);
    ASK(-EINVAL, tgkill, getpid(), 0, 0);
    ASK(-EINVAL, tgkill, getpid(), getpid(), 99);
    ASK(-ESRCH, tgkill, NOBODY, getpid(), 0);
    ASK(-ESRCH, tgkill, getpid(), NOBODY, 0);
    ASK(-EINVAL, wait4, -1, 0, 0x10, 0);
    ASK(-EINVAL, wait4, NOBODY, BAD, 0x40, BAD);
    ASK(-ECHILD, wait4, -1, BAD, 0, BAD);
    ASK(-ECHILD, wait4, NOBODY, 0, 0, 0);
    ASK(-ECHILD, wait4, -1, 0, WNOHANG, 0);
    ASK(-ESRCH, wait4, (int)0x80000000, 0, 0, 0);
    ASK(-EINVAL, setpgid, 0, -1);
    ASK(-EINVAL, setpgid, NOBODY, -1);
    ASK(-EINVAL, setpgid, -1, 0);
    ASK(-EINVAL, setpgid, -1, -1);
    ASK(-ESRCH, setpgid, -1, 1);
    ASK(-ESRCH, setpgid, NOBODY, 0);
    ASK(-ESRCH, getpgid, NOBODY);
    ASK(-ESRCH, getpgid, -1);
    ASK(-ESRCH, getsid, NOBODY);
    ASK(-ESRCH, getsid, -1);
    ASK(-EINVAL, prctl, 9999, 0, 0, 0, 0);
    ASK(-EFAULT, prctl, PR_SET_NAME, BAD, 0, 0, 0);
    ASK(-EFAULT, prctl, PR_GET_NAME, BAD, 0, 0, 0);
    ASK(-E2BIG, clone3, BAD, 5000);
    ASK(-EFAULT, clone3, BAD, 64);
}

static void about_signals(void) {
    struct action {
        long handler, flags, mask;
    } action = {0, 0, 0};
    stack_t small = {words, 0, 100}, odd = {words, 64, 4096};
    siginfo_t by_kill = {.si_code = SI_USER}, by_queue = {.si_code = SI_QUEUE};
    struct timespec no_time = {0, 0}, odd_time = {0, 1000000000};
    long set = 0;
    ASK(-EINVAL, rt_sigaction, SIGUSR1, BAD, 0, 4);
    ASK(-EINVAL, rt_sigaction, 65, P(&action), 0, 8);
    ASK(-EFAULT, rt_sigaction, 65, BAD, 0, 8);
    ASK(-EFAULT, rt_sigaction, SIGKILL, BAD, 0, 8);
    ASK(-EINVAL, rt_sigaction, 0, 0, BAD, 8);
    ASK(-EINVAL, rt_sigaction, SIGKILL, P(&action), 0, 8);
    ASK(0, rt_sigaction, SIGKILL, 0, P(&action), 8);
    ASK(-EFAULT, rt_sigaction, SIGUSR1, BAD, 0, 8);
    ASK(-EFAULT, rt_sigaction, SIGUSR1, 0, BAD, 8);
    ASK(-EINVAL, rt_sigprocmask, SIG_BLOCK, BAD, BAD, 4);
    ASK(-EFAULT, rt_sigprocmask, 99, BAD, 0, 8);
    ASK(-EINVAL, rt_sigprocmask, 99, P(&set), 0, 8);
    ASK(0, rt_sigprocmask, 99, 0, P(&set), 8);
    ASK(-EFAULT, rt_sigprocmask, 99, 0, BAD, 8);
    ASK(-EINVAL, rt_sigpending, BAD, 16);
    ASK(-EFAULT, rt_sigpending, BAD, 8);
    ASK(0, rt_sigpending, P(words), 4);
    ASK(-EINVAL, rt_sigsuspend, BAD, 4);
    ASK(-EFAULT, rt_sigsuspend, BAD, 8);
    ASK(-EINVAL, rt_sigtimedwait, BAD, 0, 0, 4);
    ASK(-EFAULT, rt_sigtimedwait, BAD, 0, BAD, 8);
    ASK(-EFAULT, rt_sigtimedwait, P(&set), BAD, BAD, 8);
    ASK(-EINVAL, rt_sigtimedwait, P(&set), BAD, P(&odd_time), 8);
    ASK(-EAGAIN, rt_sigtimedwait, P(&set), BAD, P(&no_time), 8);
    ASK(-EFAULT, rt_sigqueueinfo, NOBODY, 99, BAD);
    ASK(-EPERM, rt_sigqueueinfo, NOBODY, 99, P(&by_kill));
    ASK(-ESRCH, rt_sigqueueinfo, NOBODY, 99, P(&by_queue));
    ASK(-ESRCH, rt_sigqueueinfo, -1, SIGTERM, P(&by_queue));
    ASK(-EINVAL, rt_sigqueueinfo, getpid(), 99, P(&by_kill));
    ASK(-EINVAL, rt_sigqueueinfo, getpid(), -1, P(&by_queue));
    ASK(0, rt_sigqueueinfo, getpid(), 0, P(&by_queue));
    ASK(-EFAULT, sigaltstack, BAD, 0);
    ASK(-EFAULT, sigaltstack, 0, BAD);
    ASK(-ENOMEM, sigaltstack, P(&small), 0);
    ASK(-EINVAL, sigaltstack, P(&odd), 0);
}

static void about_limits(void) {
    struct rlimit upside_down = {10, 5}, some = {0, 0};
    struct itimerval times = {{0, 0}, {0, 0}}, odd_times = {{0, 1000000}, {0, 0}};
    ASK(-EINVAL, getrlimit, 16, BAD);
    ASK(-EFAULT, getrlimit, 7, BAD);
    ASK(-EFAULT, setrlimit, 99, BAD);
    ASK(-EINVAL, setrlimit, 99, P(&some));
    ASK(-EINVAL, setrlimit, 7, P(&upside_down));
    ASK(-EFAULT, prlimit64, NOBODY, 99, BAD, 0);
    ASK(-ESRCH, prlimit64, NOBODY, 99, 0, 0);
    ASK(-EINVAL, prlimit64, 0, 99, 0, BAD);
    ASK(-EFAULT, prlimit64, 0, 7, 0, BAD);
    ASK(-EINVAL, prlimit64, 0, 7, P(&upside_down), 0);
    ASK(-EINVAL, getrusage, 99, BAD);
    ASK(-EFAULT, getrusage, 0, BAD);
    ASK(-EFAULT, times, BAD);
    ASK(-EINVAL, getpriority, 3, 0);
    ASK(-EINVAL, getpriority, -1, NOBODY);
    ASK(-ESRCH, getpriority, 0, NOBODY);
    ASK(-EINVAL, setpriority, 3, 0, 0);
    ASK(-ESRCH, setpriority, 0, NOBODY, 0);
    ASK(-EINVAL, sched_getaffinity, 0, 1, BAD);
    ASK(-EFAULT, sched_getaffinity, 0, 128, BAD);
    ASK(-ESRCH, sched_getaffinity, NOBODY, 128, BAD);
    ASK(-EINVAL, getgroups, -1, BAD);
    ASK(-EFAULT, getcpu, BAD, 0, 0);
    ASK(-EINVAL, getitimer, 3, BAD);
    ASK(-EFAULT, getitimer, 2, BAD);
    ASK(-EFAULT, setitimer, 3, BAD, 0);
    ASK(-EINVAL, setitimer, 3, P(&times), BAD);
    ASK(-EINVAL, setitimer, 3, P(&odd_times), 0);
    ASK(-EFAULT, setitimer, 1, P(&times), BAD);
}

// As root: nothing changes.
static void about_identities(void) {
    unsigned ids[2] = {0, -1u};
    ASK(-EFAULT, getresuid, BAD, P(words), P(words));
    ASK(-EFAULT, getresgid, P(words), P(words), BAD);
    ASK(0, getresuid, P(words), P(words), P(words));
    ASK(-EINVAL, setuid, -1);
    ASK(-EINVAL, setgid, -1);
    ASK(0, setuid, 0);
    ASK(0, setgid, 0);
    ASK(0, setreuid, -1, 0);
    ASK(0, setregid, -1, -1);
    ASK(0, setresuid, 0, -1, 0);
    ASK(0, setresgid, -1, -1, -1);
    ASK(0, setfsuid, 0);
    ASK(0, setfsgid, -1);
    ASK(-EINVAL, setgroups, 65537, BAD);
    ASK(-EINVAL, setgroups, -1, 0);
    ASK(-EFAULT, setgroups, 1, BAD);
    ASK(-EINVAL, setgroups, 2, P(ids));
    ASK(0, setgroups, 0, BAD);
    ASK(0, getgroups, 0, BAD);
}

int main(void) {
    about_processes();
    about_signals();
    about_limits();
    about_identities();
    return all_answered();
}
