// What the user tests share: checks, children, and a folder to make files in.
//
// A test is one program, named after the one fact that it proves. Its main runs checks and returns
// 0. The first check that fails prints what was expected and what was seen, and ends its process
// with status 1; a parent that waits with check_passed fails with it. The same file runs on Linux,
// by qemu-riscv64, unless it says `// goose-only`: see tests/test_user.py.
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096l
#define MILLISECOND 1000000l
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

// An address of the kernel's half, where no program may look.
#define KERNEL_ADDRESS ((void *)0xffffffc080400000ul)

#define CHECK(condition)                                                                           \
    ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition, "is not so"))
// Two integers or pointers are the same.
#define CHECK_IS(seen, expected) check_is(__FILE__, __LINE__, #seen, (long)(seen), (long)(expected))
#define CHECK_TEXT(seen, expected) check_text(__FILE__, __LINE__, #seen, seen, expected)
// A call succeeds; the value is what it returned.
#define CHECK_OK(call) check_ok(__FILE__, __LINE__, #call, (long)(call))
// A call returns -1 and leaves this errno.
#define CHECK_FAILS(call, error) check_fails(__FILE__, __LINE__, #call, (long)(call), error)

static inline _Noreturn void check_failed(const char *file, int line, const char *what,
                                          const char *why) {
    dprintf(STDERR_FILENO, "%s:%d: %s: %s\n", file, line, what, why);
    _exit(1);
}

static inline void check_is(const char *file, int line, const char *what, long seen,
                            long expected) {
    if (seen == expected) return;
    char why[120];
    snprintf(why, sizeof why, "expected %ld (%#lx), saw %ld (%#lx)", expected,
             (unsigned long)expected, seen, (unsigned long)seen);
    check_failed(file, line, what, why);
}

static inline void check_text(const char *file, int line, const char *what, const char *seen,
                              const char *expected) {
    if (strcmp(seen, expected) == 0) return;
    dprintf(STDERR_FILENO, "expected '%s', saw '%s'\n", expected, seen);
    check_failed(file, line, what, "another text");
}

static inline long check_ok(const char *file, int line, const char *what, long result) {
    if (result != -1) return result;
    check_failed(file, line, what, strerror(errno));
}

static inline void check_fails(const char *file, int line, const char *what, long result,
                               int error) {
    if (result == -1 && errno == error) return;
    char why[160];
    int seen = errno;
    if (result != -1) snprintf(why, sizeof why, "returned %ld", result);
    else snprintf(why, sizeof why, "expected '%s', saw '%s'", strerror(error), strerror(seen));
    check_failed(file, line, what, why);
}

// --- time and memory -----------------------------------------------------------------------------

static inline void nap(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * MILLISECOND};
    while (nanosleep(&time, &time) < 0 && errno == EINTR) continue;
}

static inline long monotonic_milliseconds(void) {
    struct timespec now;
    CHECK_OK(clock_gettime(CLOCK_MONOTONIC, &now));
    return now.tv_sec * 1000 + now.tv_nsec / MILLISECOND;
}

// Fresh pages; MAP_SHARED: the same ones in this process and its later children.
static inline void *new_pages(long count, int sharing) {
    return (void *)CHECK_OK(
        mmap(NULL, (size_t)(count * PAGE), PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0));
}

// --- signals -------------------------------------------------------------------------------------

// Linux's emulator takes struct sigaction for eight bytes longer than it is, with the mask at its
// end: here it finds the mask in both places.
struct padded_action {
    struct sigaction action;
    sigset_t mask_again;
};

static inline void set_action(int signal, struct sigaction action) {
    struct padded_action padded = {action, action.sa_mask};
    CHECK_OK(sigaction(signal, &padded.action, NULL));
}

static inline void on_signal(int signal, sighandler_t handler) {
    set_action(signal, (struct sigaction){.sa_handler = handler, .sa_flags = SA_RESTART});
}

static inline sighandler_t handler_of(int signal) {
    struct padded_action padded;
    CHECK_OK(sigaction(signal, NULL, &padded.action));
    return padded.action.sa_handler;
}

static inline sigset_t set_of(int signal) {
    return 1ul << (signal - 1);
}

// --- children ------------------------------------------------------------------------------------

// Runs `body` in a child, which ends with status 0 if it returns.
static inline pid_t start_child(void (*body)(void)) {
    pid_t child = (pid_t)CHECK_OK(fork());
    if (child == 0) {
        body();
        _exit(0);
    }
    return child;
}

// The status word of a child that has ended.
static inline int wait_for(pid_t child) {
    int status = -1;
    CHECK_IS(CHECK_OK(waitpid(child, &status, 0)), child);
    return status;
}

static inline int status_of(void (*body)(void)) {
    return wait_for(start_child(body));
}

#define CHECK_PASSES(body) CHECK_IS(status_of(body), 0)
#define CHECK_KILLED(body, signal) CHECK_IS(status_of(body) & ~W_COREFLAG, signal)

// Starts this program again with other arguments. Linux's emulator of RISC-V programs cannot start
// another one by itself: there the emulator is started.
static inline void exec_self(char *const argv[], char *const envp[]) {
    const char *self = (const char *)getauxval(AT_EXECFN);
    execve(self, argv, envp);
    if (errno != ENOEXEC) return;
    char *words[16] = {"qemu-riscv64", "-0", argv[0], (char *)self};
    for (int i = 1; i < 12 && argv[i]; i++) words[3 + i] = argv[i];
    execve("/usr/bin/qemu-riscv64", words, envp);
}

// --- files ---------------------------------------------------------------------------------------

static char scratch_parent[4096];
static char scratch_folder[4096];

static inline void remove_tree(const char *path) {
    if (unlink(path) == 0 || (errno != EISDIR && errno != EPERM)) return;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char inside[4096];
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        remove_tree(inside);
    }
    if (folder) closedir(folder);
    rmdir(path);
}

static inline void leave_scratch(void) {
    CHECK_OK(chdir(scratch_parent));
    remove_tree(scratch_folder);
}

// Makes an empty folder the current one; it goes with all its files when the test ends.
static inline void enter_scratch(void) {
    CHECK(getcwd(scratch_parent, sizeof scratch_parent));
    strcpy(scratch_folder, scratch_parent);
    strcat(scratch_folder, "/scratch.XXXXXX");
    CHECK(mkdtemp(scratch_folder));
    CHECK_OK(chdir(scratch_folder));
    atexit(leave_scratch);
}

// A new file with this text, open for reading and writing at its start.
static inline int new_file(const char *path, const char *text) {
    int fd = (int)CHECK_OK(open(path, O_RDWR | O_CREAT | O_EXCL, 0644));
    CHECK_IS(write(fd, text, strlen(text)), strlen(text));
    CHECK_IS(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

// A new file with this text, closed.
static inline void make_file(const char *path, const char *text) {
    CHECK_OK(close(new_file(path, text)));
}

// The text of a file, valid until the next call.
static inline const char *text_of(const char *path) {
    static char text[8192];
    int fd = (int)CHECK_OK(open(path, O_RDONLY));
    long count = CHECK_OK(read(fd, text, sizeof text - 1));
    text[count] = 0;
    CHECK_OK(close(fd));
    return text;
}
