// What structures hold: their telling members, by type.
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>

#include "strace.h"
#include "util.h"

#define MOST_ITEMS 16

struct object {
    pid_t pid;
    uint64_t address;
    const struct tracee *tracee;
    enum moment moment;
    int64_t result;
};

// Each reads its structure into this and prints it; 0 where memory is bad.
static union {
    struct stat stat;
    struct statx statx;
    struct statfs statfs;
    struct timespec timespec;
    struct timeval timeval;
    struct itimerval itimerval;
    struct rlimit rlimit;
    struct rusage rusage;
    struct utsname utsname;
    struct sigaction sigaction;
    stack_t stack;
    siginfo_t siginfo;
    struct iovec iovec;
    struct pollfd pollfd;
    fd_set fd_set;
    uint64_t number;
} it;

static int get(const struct object *object, size_t size) {
    return read_memory(object->pid, object->address, &it, size);
}

static int show_stat(const struct object *object) {
    if (!get(object, sizeof it.stat)) return 0;
    fputs("{st_mode=", out);
    print_mode(it.stat.st_mode);
    if (S_ISCHR(it.stat.st_mode) || S_ISBLK(it.stat.st_mode))
        fprintf(out, ", st_rdev=%#lx, ...}", it.stat.st_rdev);
    else fprintf(out, ", st_size=%ld, ...}", it.stat.st_size);
    return 1;
}

static int show_statx(const struct object *object) {
    if (!get(object, sizeof it.statx)) return 0;
    fputs("{stx_mode=", out);
    print_mode(it.statx.stx_mode);
    fprintf(out, ", stx_size=%lu, ...}", it.statx.stx_size);
    return 1;
}

static int show_statfs(const struct object *object) {
    if (!get(object, sizeof it.statfs)) return 0;
    fprintf(out, "{f_type=%#lx, f_bsize=%ld, f_blocks=%lu, f_bfree=%lu, ...}", it.statfs.f_type,
            it.statfs.f_bsize, it.statfs.f_blocks, it.statfs.f_bfree);
    return 1;
}

// Two of them for utimensat.
static int show_timespec(const struct object *object) {
    if (!get(object, sizeof it.timespec)) return 0;
    fprintf(out, "{tv_sec=%ld, tv_nsec=%ld}", it.timespec.tv_sec, it.timespec.tv_nsec);
    return 1;
}

static int show_timeval(const struct object *object) {
    if (!get(object, sizeof it.timeval)) return 0;
    fprintf(out, "{tv_sec=%ld, tv_usec=%ld}", it.timeval.tv_sec, it.timeval.tv_usec);
    return 1;
}

static int show_itimerval(const struct object *object) {
    if (!get(object, sizeof it.itimerval)) return 0;
    const struct itimerval *timer = &it.itimerval;
    fprintf(out, "{it_interval={tv_sec=%ld, tv_usec=%ld}, it_value={tv_sec=%ld, tv_usec=%ld}}",
            timer->it_interval.tv_sec, timer->it_interval.tv_usec, timer->it_value.tv_sec,
            timer->it_value.tv_usec);
    return 1;
}

static void print_limit(const char *name, uint64_t value) {
    if (value == RLIM_INFINITY) fprintf(out, "%s=RLIM64_INFINITY", name);
    else if (value > 1024 && value % 1024 == 0) fprintf(out, "%s=%lu*1024", name, value / 1024);
    else fprintf(out, "%s=%lu", name, value);
}

static int show_rlimit(const struct object *object) {
    if (!get(object, sizeof it.rlimit)) return 0;
    print_limit("{rlim_cur", it.rlimit.rlim_cur);
    print_limit(", rlim_max", it.rlimit.rlim_max);
    fputc('}', out);
    return 1;
}

static int show_rusage(const struct object *object) {
    if (!get(object, sizeof it.rusage)) return 0;
    fprintf(out, "{ru_utime={tv_sec=%ld, tv_usec=%ld}, ru_stime={tv_sec=%ld, tv_usec=%ld}, ...}",
            it.rusage.ru_utime.tv_sec, it.rusage.ru_utime.tv_usec, it.rusage.ru_stime.tv_sec,
            it.rusage.ru_stime.tv_usec);
    return 1;
}

static int show_utsname(const struct object *object) {
    if (!get(object, sizeof it.utsname)) return 0;
    fprintf(out, "{sysname=\"%.64s\", nodename=\"%.64s\", ...}", it.utsname.sysname,
            it.utsname.nodename);
    return 1;
}

static int show_sigaction(const struct object *object) {
    if (!get(object, sizeof it.sigaction)) return 0;
    sighandler_t handler = it.sigaction.sa_handler;
    fputs("{sa_handler=", out);
    if (handler == SIG_DFL || handler == SIG_IGN)
        fputs(handler == SIG_DFL ? "SIG_DFL" : "SIG_IGN", out);
    else print_address((uint64_t)handler);
    fputs(", sa_mask=", out);
    print_signal_set(it.sigaction.sa_mask);
    fprintf(out, ", sa_flags=%#lx}", it.sigaction.sa_flags);
    return 1;
}

static int show_stack(const struct object *object) {
    if (!get(object, sizeof it.stack)) return 0;
    fprintf(out, "{ss_sp=%#lx, ss_flags=%d, ss_size=%lu}", (unsigned long)it.stack.ss_sp,
            it.stack.ss_flags, it.stack.ss_size);
    return 1;
}

static int show_siginfo(const struct object *object) {
    if (!get(object, sizeof it.siginfo)) return 0;
    fputs("{si_signo=", out);
    print_signal(it.siginfo.si_signo);
    fprintf(out, ", si_code=%d, ...}", it.siginfo.si_code);
    return 1;
}

static int show_signal_set(const struct object *object) {
    if (!get(object, sizeof it.number)) return 0;
    print_signal_set(it.number);
    return 1;
}

static int show_number(const struct object *object) {
    if (!get(object, sizeof it.number)) return 0;
    fprintf(out, "[%ld]", (long)it.number);
    return 1;
}

static int show_id(const struct object *object) {
    if (!get(object, sizeof(uid_t))) return 0;
    fprintf(out, "[%u]", (uid_t)it.number);
    return 1;
}

// The pieces of readv are full as far as the result says.
static int show_iovecs(const struct object *object) {
    uint64_t count = object->tracee->arguments[2];
    uint64_t left = object->result > 0 ? (uint64_t)object->result : ~0ul;
    fputc('[', out);
    for (uint64_t i = 0; i < count; i++) {
        struct object item = *object;
        item.address += i * sizeof it.iovec;
        fputs(i ? ", " : "", out);
        if (i == MOST_ITEMS || !get(&item, sizeof it.iovec)) {
            fputs("...", out);
            break;
        }
        struct iovec vector = it.iovec;
        uint64_t full = vector.iov_len < left ? vector.iov_len : left;
        fputs("{iov_base=", out);
        print_bytes(object->pid, (uint64_t)vector.iov_base, full);
        fprintf(out, ", iov_len=%lu}", vector.iov_len);
        left -= full;
    }
    fputc(']', out);
    return 1;
}

static int show_pollfds(const struct object *object) {
    uint64_t count = object->tracee->arguments[1];
    fputc('[', out);
    for (uint64_t i = 0; i < count; i++) {
        struct object item = *object;
        item.address += i * sizeof it.pollfd;
        fputs(i ? ", " : "", out);
        if (i == MOST_ITEMS || !get(&item, sizeof it.pollfd)) {
            fputs("...", out);
            break;
        }
        fprintf(out, "{fd=%d, events=", it.pollfd.fd);
        print_poll_events((uint16_t)it.pollfd.events);
        fputc('}', out);
    }
    fputc(']', out);
    return 1;
}

static int show_fd_set(const struct object *object) {
    uint64_t count = object->tracee->arguments[0];
    int some = 0;
    if (!get(object,
             (count + 63) / 64 * 8 > sizeof it.fd_set ? sizeof it.fd_set : (count + 63) / 64 * 8))
        return 0;
    fputc('[', out);
    for (uint64_t fd = 0; fd < count && fd < FD_SETSIZE; fd++)
        if (it.fd_set.fds_bits[fd / 64] >> fd % 64 & 1) fprintf(out, some++ ? " %lu" : "%lu", fd);
    fputc(']', out);
    return 1;
}

static const struct shape {
    const char *type;
    int (*show)(const struct object *object);
} shapes[] = {
    {"struct stat *", show_stat},
    {"struct statx *", show_statx},
    {"struct statfs *", show_statfs},
    {"struct timespec *", show_timespec},
    {"struct timeval *", show_timeval},
    {"struct itimerval *", show_itimerval},
    {"struct rlimit *", show_rlimit},
    {"struct rusage *", show_rusage},
    {"struct utsname *", show_utsname},
    {"struct sigaction *", show_sigaction},
    {"stack_t *", show_stack},
    {"siginfo_t *", show_siginfo},
    {"sigset_t *", show_signal_set},
    {"off_t *", show_number},
    {"struct iovec *", show_iovecs},
    {"struct pollfd *", show_pollfds},
    {"fd_set *", show_fd_set},
    {"uid_t *", show_id},
    {"gid_t *", show_id},
};

int print_structure(pid_t pid, const char *type, uint64_t address, const struct tracee *tracee,
                    enum moment moment, int64_t result) {
    struct object object = {pid, address, tracee, moment, result};
    if (strncmp(type, "const ", 6) == 0) type += 6;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(type, shapes[i].type) == 0) return shapes[i].show(&object);
    return 0;
}
