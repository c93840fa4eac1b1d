// The system calls of kernel/abi/syscalls.tbl with arguments made up for them: by the call and the
// argument's name where that says what is wanted, else by its type.
#pragma once
#include "fuzz_values.h"

struct call {
    int number;
    const char *name, *arguments;
};

static const struct call calls[] = {
#define SYSCALL_ROW(number, name, arguments) {number, #name, arguments},
#include <abi/syscall_names.inc>
#undef SYSCALL_ROW
};
#define CALLS COUNT_OF(calls)

// What is never tried, because it reaches outside of the run. No call is left out as a whole.
static const char *const excluded =
    "kill, tkill, rt_sigqueueinfo …: everybody (-1) and processes of others, as the shell would "
    "die; "
    "reboot: the right magic number, as the machine would end; "
    "ioctl: TIOCSCTTY (takes the shell's terminal away), TIOCSTI (types at the shell), TCXONC "
    "(stops everybody's output), TIOCVHANGUP";

// --- makers ----------------------------------------------------------------------------------------

typedef uint64_t maker(void);

static int is_linux;  // not goose: no harm to the machine, whoever runs this

static uint64_t own_path(void) {
    return any_path(1);
}
static uint64_t some_path(void) {
    return any_path(0);
}
static uint64_t small_word(void) {
    return chance(60) ? below(40) : chance(50) ? (uint64_t)good_room() : any_number();
}
static uint64_t sparse_word(void) {
    return sparse_bits(3);
}
static uint64_t words(void) {
    return (uint64_t)fill_words(small_word, 16);
}
static uint64_t signal_set(void) {
    return (uint64_t)fill_words(sparse_word, 2);
}
static uint64_t times(void) {
    return (uint64_t)some_times(4);
}
static uint64_t vectors(void) {
    return (uint64_t)some_vectors();
}
static uint64_t polls(void) {
    return (uint64_t)some_polls();
}
static uint64_t action(void) {
    return (uint64_t)some_action();
}
static uint64_t strings(void) {
    return (uint64_t)some_strings();
}
static uint64_t set_size(void) {
    return chance(95) ? 8 : any_number();
}
static uint64_t short_count(void) {
    return chance(90) ? below(20) : any_number();
}
static uint64_t mode_bits(void) {
    return chance(70) ? 0644 | any_flags(9) : any_flags(16);
}
static uint64_t flag_bits(void) {
    return any_flags(20);
}
static uint64_t few_flags(void) {
    return any_flags(6);
}
static uint64_t small_number(void) {
    return chance(90) ? below(20) : any_number();
}
static uint64_t protection_bits(void) {
    return chance(95) ? below(8) : any_number();
}
static uint64_t no_wait(void) {
    return chance(80) ? 1 | any_flags(4) : any_flags(30);
}
static uint64_t at_flags(void) {
    return chance(60) ? 0 : 0x100ul << below(8);
}

static uint64_t open_flags(void) {
    uint64_t access = below(4), more = sparse_bits(2) & 017777700;
    return access | (chance(40) ? 0100 : 0) | (chance(50) ? 0 : more) | (chance(60) ? 04000 : 0);
}

static uint64_t map_flags(void) {
    static const uint64_t usual[] = {0x22, 0x21, 0x02,     0x01,   0x32,
                                     0x31, 0x12, 0x100022, 0x4022, 0x8022};
    return chance(90) ? PICK(usual) : any_number();
}

static uint64_t page_address(void) {
    if (chance(15)) return 0;
    if (chance(10)) return bad_address();
    return (uint64_t)region(1 + (unsigned)below(REGIONS + 1)) + below(REGION_PAGES) * PAGE;
}

static uint64_t page_count(void) {
    return chance(85) ? (1 + below(12)) * PAGE : any_number();
}

static uint64_t clone_flags(void) {
    uint64_t flags = chance(70) ? 0 : sparse_bits(2) & 0x7fffff00;
    return flags | (chance(90) ? SIGCHLD : below(256));
}

static uint64_t lock_command(void) {
    static const uint64_t commands[] = {0, 1, 2,    3,    4,    5,    6,    7,
                                        8, 9, 1024, 1030, 1031, 1032, 1033, 1034};
    return chance(90) ? PICK(commands) : any_number();
}

static uint64_t request(void) {
    static const uint64_t requests[] = {
        0x5401, 0x5402, 0x5403, 0x5404, 0x5405, 0x5406, 0x540b, 0x5409, 0x540f, 0x5410, 0x5411,
        0x5413, 0x5414, 0x541b, 0x5421, 0x5422, 0x5429, 0x5450, 0x5451, 0x5425, 0x1260, 0x80081272,
    };
    return chance(90) ? PICK(requests) : any_number();
}

static uint64_t trace_request(void) {
    static const uint64_t requests[] = {0, 1, 2, 7, 16, 17, 24, 0x4200, 0x4201, 0x4202, 0x420e};
    return chance(95) ? PICK(requests) : any_number();
}

static uint64_t prctl_option(void) {
    static const uint64_t options[] = {1, 2, 3, 4, 15, 16, 21, 22, 36, 37, 38, 39, 40};
    return chance(80) ? PICK(options) : any_number();
}

static uint64_t file_system_type(void) {
    static const char *const types[] = {"ramfs", "tmpfs", "proc",   "devtmpfs",
                                        "ext2",  "",      "nothing"};
    return (uint64_t)strcpy(good_room(), PICK(types));
}

// From sigqueue(3), mostly.
static uint64_t queued_info(void) {
    int32_t *info = (int32_t *)fill_words(small_word, 16);
    if (chance(70)) info[2] = -1;
    return (uint64_t)info;
}

// The kernel copies all of it: what is larger than this fills the disk each time.
static uint64_t copy_size(void) {
    return chance(95) ? below(1 << 16) : any_number();
}

static uint64_t lock_operation(void) {
    static const uint64_t operations[] = {1, 2, 5, 6, 8};
    return chance(90) ? PICK(operations) : any_number();
}

static uint64_t identity(void) {
    return chance(50) ? 0 : chance(50) ? -1ul : any_number();
}

static uint64_t new_stack(void) {
    return chance(60) ? 0 : chance(60) ? (uint64_t)good_room() & ~15ul : bad_address();
}

static uint64_t clone3_arguments(void) {
    uint64_t *room = fill_words(small_word, 16);
    for (int i = 0; i < 8; i++) room[i] = chance(90) ? 0 : any_number();
    room[0] = chance(80) ? 0 : clone_flags() & ~0xfful;
    room[4] = chance(90) ? SIGCHLD : any_number();
    return (uint64_t)room;
}

// The first row that fits wins; null fits all. An argument's name has a `*` before it for a pointer.
// clang-format off
static const struct {
    const char *call, *argument;
    maker *make;
} rules[] = {
    {"clone", "flags", clone_flags}, {"clone", "*stack", new_stack},
    {"clone3", "*arguments", clone3_arguments}, {"clone3", "size", set_size},
    {"openat", "flags", open_flags}, {"openat", "*path", some_path},
    {"mmap", "flags", map_flags}, {"fcntl", "command", lock_command}, {"ioctl", "request", request},
    {"ptrace", "request", trace_request}, {"prctl", "option", prctl_option}, {"prctl", "argument2", words},
    {"mount", "*type", file_system_type}, {"mount", "flags", few_flags}, {"wait4", "options", no_wait}, {"waitid", "options", no_wait},
    {"statfs", "*path", some_path}, {"faccessat", "*path", some_path}, {"readlinkat", "*path", some_path},
    {"faccessat2", "*path", some_path}, {"newfstatat", "*path", some_path}, {"statx", "*path", some_path},
    {"execve", "*path", some_path}, {"linkat", "*old_path", some_path}, {"symlinkat", "*target", own_path},
    {"mount", "*source", some_path}, {"statx", "mask", flag_bits}, {"mincore", "*vector", words},
    {"pipe2", "*fds", words}, {"socketpair", "*fds", words}, {"sigaltstack", NULL, words},
    {"sendfile", "size", copy_size}, {"copy_file_range", "size", copy_size},
    {"rt_sigqueueinfo", "*info", queued_info}, {"flock", "operation", lock_operation},
    {NULL, "uid", identity}, {NULL, "ruid", identity}, {NULL, "euid", identity}, {NULL, "suid", identity},
    {NULL, "gid", identity}, {NULL, "rgid", identity}, {NULL, "egid", identity}, {NULL, "sgid", identity},
    {"munmap", "length", page_count}, {"mprotect", "length", page_count}, {"mmap", "length", page_count},
    {"mremap", "old_size", page_count}, {"mremap", "new_size", page_count}, {"mremap", "flags", few_flags},
    {"madvise", "length", page_count}, {"msync", "length", page_count}, {"mincore", "length", page_count},
    {"mmap", "*address", page_address}, {"munmap", "*address", page_address},
    {"mprotect", "*address", page_address}, {"mremap", "*old_address", page_address},
    {"mremap", "*new_address", page_address}, {"madvise", "*address", page_address},
    {"msync", "*address", page_address}, {"mincore", "*address", page_address},
    {"brk", "*address", bad_address}, {"renameat2", "flags", few_flags},
    {"unlinkat", "flags", at_flags}, {"linkat", "flags", at_flags}, {"statx", "flags", at_flags},
    {"newfstatat", "flags", at_flags}, {"utimensat", "flags", at_flags}, {"fchownat", "flags", at_flags},
    {"umount2", "flags", few_flags}, {"close_range", "flags", few_flags}, {"ppoll", "count", short_count},
    {"readv", "count", short_count}, {"writev", "count", short_count}, {"pselect6", "count", short_count},
    {NULL, "fd", any_fd}, {NULL, "dirfd", any_folder}, {NULL, "old_fd", any_fd}, {NULL, "new_fd", any_fd},
    {NULL, "in_fd", any_fd}, {NULL, "out_fd", any_fd}, {NULL, "old_dirfd", any_folder},
    {NULL, "new_dirfd", any_folder}, {NULL, "first", any_fd}, {NULL, "last", any_fd},
    {NULL, "*path", own_path}, {NULL, "*old_path", own_path}, {NULL, "*new_path", own_path},
    {NULL, "*target", own_path}, {NULL, "*name", own_path},
    {NULL, "sigset_size", set_size}, {NULL, "size", any_size}, {NULL, "length", any_size},
    {NULL, "offset", any_offset}, {NULL, "flags", flag_bits}, {NULL, "mode", mode_bits},
    {NULL, "protection", protection_bits}, {NULL, "signal", any_signal},
    {NULL, "pid", any_pid}, {NULL, "tid", any_pid}, {NULL, "tgid", any_pid}, {NULL, "pgid", any_pid},
    {NULL, "who", any_pid}, {NULL, "which", small_number}, {NULL, "operation", small_number},
    {NULL, "resource", small_number}, {NULL, "clock", small_number}, {NULL, "how", small_number},
    {NULL, "whence", small_number}, {NULL, "advice", small_number}, {NULL, "type", small_number},
    {NULL, "*timeout", times}, {NULL, "*time", times}, {NULL, "*times", times}, {NULL, "*value", times},
    {NULL, "*limit", words}, {NULL, "*vector", vectors}, {NULL, "*fds", polls},
    {NULL, "*action", action}, {NULL, "*set", signal_set}, {NULL, "*mask", signal_set},
    {NULL, "*argv", strings}, {NULL, "*envp", strings},
};
// clang-format on

// --- calls -----------------------------------------------------------------------------------------

// The makers of a call's arguments, found once.
static maker *makers[CALLS][6];
static int argument_counts[CALLS];

static maker *maker_for(const char *call, const char *argument) {
    for (unsigned i = 0; i < COUNT_OF(rules); i++) {
        if (rules[i].call && strcmp(rules[i].call, call) != 0) continue;
        if (!rules[i].argument || strcmp(rules[i].argument, argument) == 0) return rules[i].make;
    }
    return argument[0] == '*' ? words : any_number;
}

// "const char *path" and "int fds[2]" become "*path" and "*fds"; "int fd" becomes "fd".
static void name_argument(char *out, size_t size, const char *text, size_t length) {
    int pointer = memchr(text, '*', length) || memchr(text, '[', length);
    const char *bracket = memchr(text, '[', length);
    const char *end = bracket ? bracket : text + length;
    const char *start = end;
    while (start > text && start[-1] != ' ' && start[-1] != '*') start--;
    snprintf(out, size, "%s%.*s", pointer ? "*" : "", (int)(end - start), start);
}

static void find_makers(void) {
    for (unsigned i = 0; i < CALLS; i++) {
        const char *text = calls[i].arguments;
        if (strcmp(text, "void") == 0) continue;
        for (;;) {
            size_t length = strcspn(text, ",");
            char name[40];
            name_argument(name, sizeof name, text, length);
            makers[i][argument_counts[i]++] = maker_for(calls[i].name, name);
            text += length;
            if (*text == 0) break;
            text += 2;
        }
    }
}

// Some calls end or change the process so much that little would happen after them.
static unsigned choose_call(void) {
    static const char *const rare[] = {
        "exit",        "exit_group",    "rt_sigreturn",    "rt_sigsuspend", "execve",
        "close_range", "setuid",        "setreuid",        "chroot",        "brk",
        "munmap",      "sync",          "clone",           "clone3",        "reboot",
        "sethostname", "clock_settime", "settimeofday",    "setrlimit",     "prlimit64",
        "setpgid",     "setsid",        "rt_sigtimedwait",
    };
    for (;;) {
        unsigned at = (unsigned)below(CALLS);
        int is_rare = 0;
        for (unsigned i = 0; i < COUNT_OF(rare); i++)
            is_rare |= strcmp(rare[i], calls[at].name) == 0;
        if (!is_rare || chance(8)) return at;
    }
}

static int is_pointer_maker(maker *make) {
    return make == words || make == times || make == vectors || make == polls || make == action ||
           make == signal_set || make == strings || make == queued_info;
}

static void make_arguments(unsigned at, uint64_t arguments[6]) {
    for (int i = 0; i < 6; i++) arguments[i] = next_random() & 0xff;
    for (int i = 0; i < argument_counts[at]; i++) {
        arguments[i] = makers[at][i]();
        if (!is_pointer_maker(makers[at][i])) continue;
        if (chance(10)) arguments[i] = 0;
        else if (chance(12)) arguments[i] = bad_address();
    }
}

// A child that a call has made ends at once, without touching memory: that may be its parent's.
static long do_call(unsigned at, const uint64_t arguments[6]) {
    register uint64_t a0 asm("a0") = arguments[0];
    register uint64_t a1 asm("a1") = arguments[1];
    register uint64_t a2 asm("a2") = arguments[2];
    register uint64_t a3 asm("a3") = arguments[3];
    register uint64_t a4 asm("a4") = arguments[4];
    register uint64_t a5 asm("a5") = arguments[5];
    register long a7 asm("a7") = calls[at].number;
    register long makes_child asm("s2") = calls[at].number == 220 || calls[at].number == 435;
    asm volatile("ecall\n"
                 "beqz s2, 1f\n"
                 "bnez a0, 1f\n"
                 "li a7, 94\n"
                 "ecall\n"
                 "1:"
                 : "+r"(a0), "+r"(a7)
                 : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(makes_child)
                 : "memory");
    return (long)a0;
}
