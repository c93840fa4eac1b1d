// Names of flags and numbers, by call and parameter.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include "abi/futex.h"
#include "strace.h"
#include "util.h"

struct name {
    uint64_t value;
    const char *text;
};
#define NAME(value)                                                                                \
    { (uint64_t)(value), #value }
#define END                                                                                        \
    { 0, NULL }

static const struct name open_flags[] = {NAME(O_APPEND),    NAME(O_ASYNC),     NAME(O_CLOEXEC),
                                         NAME(O_CREAT),     NAME(O_TMPFILE),   NAME(O_DIRECT),
                                         NAME(O_DIRECTORY), NAME(O_SYNC),      NAME(O_DSYNC),
                                         NAME(O_EXCL),      NAME(O_LARGEFILE), NAME(O_NOATIME),
                                         NAME(O_NOCTTY),    NAME(O_NOFOLLOW),  NAME(O_NONBLOCK),
                                         NAME(O_PATH),      NAME(O_TRUNC),     END};
static const struct name at_flags[] = {NAME(AT_SYMLINK_NOFOLLOW), NAME(AT_SYMLINK_FOLLOW),
                                       NAME(AT_NO_AUTOMOUNT), NAME(AT_EMPTY_PATH), END};
static const struct name unlink_flags[] = {NAME(AT_REMOVEDIR), END};
static const struct name access_flags[] = {NAME(AT_EACCESS), NAME(AT_SYMLINK_NOFOLLOW), END};
static const struct name access_modes[] = {NAME(R_OK), NAME(W_OK), NAME(X_OK), END};
static const struct name pipe_flags[] = {NAME(O_CLOEXEC), NAME(O_NONBLOCK), NAME(O_DIRECT), END};
static const struct name dup_flags[] = {NAME(O_CLOEXEC), END};
static const struct name rename_flags[] = {NAME(RENAME_NOREPLACE), NAME(RENAME_EXCHANGE), END};
static const struct name protections[] = {NAME(PROT_READ), NAME(PROT_WRITE), NAME(PROT_EXEC), END};
static const struct name map_flags[] = {
    NAME(MAP_SHARED),    NAME(MAP_PRIVATE),   NAME(MAP_FIXED),           NAME(MAP_ANONYMOUS),
    NAME(MAP_GROWSDOWN), NAME(MAP_LOCKED),    NAME(MAP_NORESERVE),       NAME(MAP_POPULATE),
    NAME(MAP_STACK),     NAME(MAP_DENYWRITE), NAME(MAP_FIXED_NOREPLACE), END};
static const struct name remap_flags[] = {NAME(MREMAP_MAYMOVE), NAME(MREMAP_FIXED), END};
static const struct name clone_flags[] = {NAME(CLONE_VM),
                                          NAME(CLONE_FS),
                                          NAME(CLONE_FILES),
                                          NAME(CLONE_SIGHAND),
                                          NAME(CLONE_VFORK),
                                          NAME(CLONE_THREAD),
                                          NAME(CLONE_SYSVSEM),
                                          NAME(CLONE_SETTLS),
                                          NAME(CLONE_PARENT_SETTID),
                                          NAME(CLONE_CHILD_CLEARTID),
                                          NAME(CLONE_CHILD_SETTID),
                                          {SIGCHLD, "SIGCHLD"},
                                          END};
static const struct name wait_flags[] = {NAME(WNOHANG), NAME(WUNTRACED), NAME(WCONTINUED), END};
static const struct name whences[] = {NAME(SEEK_SET),  NAME(SEEK_CUR),  NAME(SEEK_END),
                                      NAME(SEEK_DATA), NAME(SEEK_HOLE), END};
static const struct name fcntl_commands[] = {NAME(F_DUPFD),         NAME(F_GETFD),
                                             NAME(F_SETFD),         NAME(F_GETFL),
                                             NAME(F_SETFL),         NAME(F_GETLK),
                                             NAME(F_SETLK),         NAME(F_SETLKW),
                                             NAME(F_SETOWN),        NAME(F_GETOWN),
                                             NAME(F_DUPFD_CLOEXEC), NAME(F_SETPIPE_SZ),
                                             NAME(F_GETPIPE_SZ),    END};
static const struct name requests[] = {NAME(TCGETS),
                                       NAME(TCSETS),
                                       NAME(TCSETSW),
                                       NAME(TCSETSF),
                                       NAME(TCSBRK),
                                       NAME(TCFLSH),
                                       NAME(TIOCSCTTY),
                                       NAME(TIOCGPGRP),
                                       NAME(TIOCSPGRP),
                                       NAME(TIOCGWINSZ),
                                       NAME(TIOCSWINSZ),
                                       NAME(FIONREAD),
                                       NAME(FIONBIO),
                                       NAME(TIOCNOTTY),
                                       NAME(TIOCGSID),
                                       NAME(FIOCLEX),
                                       END};
static const struct name hows[] = {NAME(SIG_BLOCK), NAME(SIG_UNBLOCK), NAME(SIG_SETMASK), END};
static const struct name clocks[] = {
    NAME(CLOCK_REALTIME),          NAME(CLOCK_MONOTONIC),     NAME(CLOCK_PROCESS_CPUTIME_ID),
    NAME(CLOCK_THREAD_CPUTIME_ID), NAME(CLOCK_MONOTONIC_RAW), NAME(CLOCK_REALTIME_COARSE),
    NAME(CLOCK_MONOTONIC_COARSE),  NAME(CLOCK_BOOTTIME),      END};
static const struct name timers[] = {NAME(ITIMER_REAL), NAME(ITIMER_VIRTUAL), NAME(ITIMER_PROF),
                                     END};
static const struct name resources[] = {NAME(RLIMIT_STACK), NAME(RLIMIT_CORE), NAME(RLIMIT_NOFILE),
                                        END};
static const struct name usages[] = {{0, "RUSAGE_SELF"}, {0xffffffff, "RUSAGE_CHILDREN"}, END};
static const struct name advices[] = {NAME(MADV_NORMAL),
                                      NAME(MADV_RANDOM),
                                      NAME(MADV_SEQUENTIAL),
                                      NAME(MADV_WILLNEED),
                                      NAME(MADV_DONTNEED),
                                      NAME(MADV_FREE),
                                      END};
static const struct name sync_flags[] = {NAME(MS_ASYNC), NAME(MS_INVALIDATE), NAME(MS_SYNC), END};
static const struct name locks[] = {NAME(LOCK_SH), NAME(LOCK_EX), NAME(LOCK_NB), NAME(LOCK_UN),
                                    END};
static const struct name poll_events[] = {
    NAME(POLLIN), NAME(POLLPRI), NAME(POLLOUT), NAME(POLLERR), NAME(POLLHUP), NAME(POLLNVAL), END};
static const struct name futex_operations[] = {
    {FUTEX_WAIT, "FUTEX_WAIT"},
    {FUTEX_WAKE, "FUTEX_WAKE"},
    {FUTEX_WAIT_BITSET, "FUTEX_WAIT_BITSET"},
    {FUTEX_WAKE_BITSET, "FUTEX_WAKE_BITSET"},
    {FUTEX_WAIT | FUTEX_PRIVATE_FLAG, "FUTEX_WAIT_PRIVATE"},
    {FUTEX_WAKE | FUTEX_PRIVATE_FLAG, "FUTEX_WAKE_PRIVATE"},
    END};
static const struct name ptrace_requests[] = {NAME(PTRACE_TRACEME),
                                              NAME(PTRACE_PEEKDATA),
                                              NAME(PTRACE_CONT),
                                              NAME(PTRACE_ATTACH),
                                              NAME(PTRACE_DETACH),
                                              NAME(PTRACE_SYSCALL),
                                              NAME(PTRACE_SETOPTIONS),
                                              NAME(PTRACE_GETEVENTMSG),
                                              NAME(PTRACE_GETSIGINFO),
                                              NAME(PTRACE_GET_SYSCALL_INFO),
                                              END};

// Bits of one number, or a choice of one. A call of "" is every one with such a parameter.
static const struct place {
    const char *call, *parameter;
    enum kind { BITS, CHOICE } kind;
    const struct name *names;
} places[] = {
    {"unlinkat", "flags", BITS, unlink_flags},
    {"linkat", "flags", BITS, at_flags},
    {"newfstatat", "flags", BITS, at_flags},
    {"statx", "flags", BITS, at_flags},
    {"utimensat", "flags", BITS, at_flags},
    {"fchownat", "flags", BITS, at_flags},
    {"faccessat2", "flags", BITS, access_flags},
    {"faccessat2", "mode", BITS, access_modes},
    {"faccessat", "mode", BITS, access_modes},
    {"pipe2", "flags", BITS, pipe_flags},
    {"dup3", "flags", BITS, dup_flags},
    {"renameat2", "flags", BITS, rename_flags},
    {"mmap", "flags", BITS, map_flags},
    {"mremap", "flags", BITS, remap_flags},
    {"msync", "flags", BITS, sync_flags},
    {"", "protection", BITS, protections},
    {"clone", "flags", BITS, clone_flags},
    {"wait4", "options", BITS, wait_flags},
    {"flock", "operation", BITS, locks},
    {"futex", "operation", CHOICE, futex_operations},
    {"lseek", "whence", CHOICE, whences},
    {"fcntl", "command", CHOICE, fcntl_commands},
    {"ioctl", "request", CHOICE, requests},
    {"rt_sigprocmask", "how", CHOICE, hows},
    {"", "clock", CHOICE, clocks},
    {"getitimer", "which", CHOICE, timers},
    {"setitimer", "which", CHOICE, timers},
    {"", "resource", CHOICE, resources},
    {"getrusage", "who", CHOICE, usages},
    {"madvise", "advice", CHOICE, advices},
    {"ptrace", "request", CHOICE, ptrace_requests},
};

static void print_bits(const struct name *names, uint64_t value) {
    int some = 0;
    for (; names->text; names++) {
        if (names->value == 0 || (value & names->value) != names->value) continue;
        fprintf(out, some ? "|%s" : "%s", names->text);
        value &= ~names->value;
        some = 1;
    }
    if (value != 0 || !some) fprintf(out, some ? "|%#lx" : value ? "%#lx" : "%ld", value);
}

static void print_choice(const struct name *names, uint64_t value) {
    for (; names->text; names++)
        if (names->value == (uint32_t)value) return (void)fputs(names->text, out);
    fprintf(out, (uint32_t)value > 255 ? "%#x" : "%u", (unsigned)value);
}

void print_open_flags(uint64_t value) {
    static const char *const accesses[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
    fputs(accesses[value & O_ACCMODE], out);
    if ((value & ~(uint64_t)O_ACCMODE) == 0) return;
    fputc('|', out);
    print_bits(open_flags, value & ~(uint64_t)O_ACCMODE);
}

int print_flags(const struct call *call, const char *parameter, uint64_t value) {
    if (strcmp(parameter, "signal") == 0) return print_signal((int)value), 1;
    if (strcmp(call->name, "openat") == 0 && strcmp(parameter, "flags") == 0)
        return print_open_flags((uint32_t)value), 1;
    if (strcmp(call->name, "mmap") == 0 && strcmp(parameter, "offset") == 0)
        return fprintf(out, value ? "%#lx" : "%ld", value), 1;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const struct place *place = &places[i];
        if (strcmp(place->parameter, parameter) != 0 ||
            (*place->call && strcmp(place->call, call->name) != 0))
            continue;
        if (place->names == protections && value == 0) fputs("PROT_NONE", out);
        else if (place->names == access_modes && value == 0) fputs("F_OK", out);
        else if (place->kind == BITS) print_bits(place->names, (uint32_t)value);
        else print_choice(place->names, value);
        return 1;
    }
    return 0;
}

void print_mode(uint64_t mode) {
    static const struct name types[] = {NAME(S_IFSOCK), NAME(S_IFLNK), NAME(S_IFREG), NAME(S_IFBLK),
                                        NAME(S_IFDIR),  NAME(S_IFCHR), NAME(S_IFIFO), END};
    print_choice(types, mode & S_IFMT);
    fprintf(out, "|%04o", (unsigned)mode & 07777);
}

void print_poll_events(uint64_t events) {
    print_bits(poll_events, events);
}

void print_signal(int signal) {
    const char *name = sigabbrev_np(signal);
    if (name) fprintf(out, "SIG%s", name);
    else fprintf(out, "%d", signal);
}

void print_signal_set(uint64_t set) {
    int full = __builtin_popcountl(set) > 32, some = 0;
    fputs(full ? "~[" : "[", out);
    for (int signal = 1; signal < NSIG; signal++) {
        if (((set >> (signal - 1)) & 1) == (uint64_t)full) continue;
        const char *name = sigabbrev_np(signal);
        fputs(some++ ? " " : "", out);
        fprintf(out, name ? "%s" : "%s%d", name ? name : "RT_", signal - SIGRTMIN);
    }
    fputc(']', out);
}

void print_wait_status(int status) {
    if (WIFSTOPPED(status)) {
        fputs("{WIFSTOPPED(s) && WSTOPSIG(s) == ", out);
        print_signal(WSTOPSIG(status));
        fputc('}', out);
    } else if (WIFSIGNALED(status)) {
        fputs("{WIFSIGNALED(s) && WTERMSIG(s) == ", out);
        print_signal(WTERMSIG(status));
        fputc('}', out);
    } else {
        fprintf(out, "{WIFEXITED(s) && WEXITSTATUS(s) == %d}", WEXITSTATUS(status));
    }
}
