// Makes system calls whose trace tests/test_strace.py knows, and no others: without a C library, so
// that nothing is called but what stands here.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

static long call(long number, long a, long b, long c, long d, long e, long f) {
    register long a7 __asm__("a7") = number;
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : "memory");
    return a0;
}

#define CALL(name, a, b, c, d, e, f) \
    call(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static const char path[] = "/tmp/goose \"x\"\n\377";
static char buffer[128];

// The kernel's own form.
struct action {
    uint64_t handler, flags, mask;
};

static void files(void) {
    struct stat st;
    CALL(openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL, 0640, 0, 0);
    CALL(write, 3, "0123456789abcdef0123456789abcdef\0\1\n\t1234", 40, 0, 0, 0);
    CALL(lseek, 3, -8, SEEK_CUR, 0, 0, 0);
    CALL(read, 3, buffer, 100, 0, 0, 0);
    CALL(pread64, 3, buffer, 4, 4, 0, 0);
    CALL(newfstatat, AT_FDCWD, "/dev/null", &st, AT_SYMLINK_NOFOLLOW, 0, 0);
    CALL(newfstatat, AT_FDCWD, "/nowhere", &st, 0, 0, 0);
    CALL(openat, AT_FDCWD, 0, O_RDONLY, 0, 0, 0);
    CALL(openat, AT_FDCWD, 0x1000, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, 0, 0);
}

static void pipes(void) {
    int ends[2];
    struct pollfd polled[] = {{4, POLLIN, 0}, {5, POLLIN | POLLOUT, 0}};
    struct timespec time = {0, 5};
    char first[4], second[9];
    struct iovec out[] = {{"ab", 2}, {"cde", 3}}, in[] = {{first, 4}, {second, 9}};
    CALL(pipe2, ends, O_CLOEXEC, 0, 0, 0, 0);
    CALL(fcntl, 4, F_GETFD, 0, 0, 0, 0);
    CALL(fcntl, 4, F_SETFL, O_NONBLOCK, 0, 0, 0);
    CALL(ppoll, polled, 2, &time, 0, 0, 0);
    CALL(writev, 5, out, 2, 0, 0, 0);
    CALL(readv, 4, in, 2, 0, 0, 0);
}

static void memory(void) {
    long pages = CALL(mmap, 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CALL(mprotect, pages, 4096, PROT_NONE, 0, 0, 0);
    CALL(munmap, pages, 8192, 0, 0, 0, 0);
}

static void signals(void) {
    struct action action = {1, 0x10000000, 1ul << (SIGINT - 1) | 1ul << (SIGTERM - 1)}, old;
    uint64_t blocked = 1ul << (SIGCHLD - 1), before;
    struct timespec time = {0, 1000};
    CALL(rt_sigaction, SIGUSR1, &action, &old, 8, 0, 0);
    CALL(rt_sigprocmask, SIG_BLOCK, &blocked, &before, 8, 0, 0);
    CALL(nanosleep, &time, 0, 0, 0, 0, 0);
}

static void processes(void) {
    uint64_t limits[2];
    CALL(wait4, -1, 0, WNOHANG, 0, 0, 0);
    CALL(prlimit64, 0, RLIMIT_NOFILE, 0, limits, 0, 0);
}

void _start(void) {
    files();
    pipes();
    memory();
    signals();
    // The number of this process is not known without a call: 0 means its group, which is strace's too.
    CALL(tkill, CALL(set_tid_address, 0, 0, 0, 0, 0, 0), SIGUSR1, 0, 0, 0, 0);
    processes();
    CALL(unlinkat, AT_FDCWD, path, 0, 0, 0, 0);
    call(495, 1, 2, 3, 0, 0, 0);
    CALL(exit_group, 5, 0, 0, 0, 0, 0);
}
