// Values for the arguments of system calls: plausible ones, boundaries, and nonsense. All follow from
// the seed of the process's random numbers, and from nothing that a call answers.
#pragma once
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096ul
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array) ((array)[below(COUNT_OF(array))])

// --- random numbers: xorshift64* -------------------------------------------------------------------

static uint64_t random_state = 1;

static inline void set_seed(uint64_t seed) {
    random_state = seed * 0x9e3779b97f4a7c15ull + 0x1234567;
    if (random_state == 0) random_state = 1;
}

static inline uint64_t next_random(void) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1dull;
}

static inline uint64_t below(uint64_t limit) {
    return (next_random() >> 20) % limit;
}

// True in `percent` of 100 cases.
static inline int chance(unsigned percent) {
    return below(100) < percent;
}

// Bits of which one in 2^`draws` is set.
static inline uint64_t sparse_bits(int draws) {
    uint64_t bits = UINT64_MAX;
    while (draws-- > 0) bits &= next_random();
    return bits;
}

// --- memory: pages of every kind, side by side -----------------------------------------------------

enum {
    READ_WRITE,
    HOLE,
    READ_ONLY,
    NO_ACCESS,
    SHARED,
    PAST_THE_END,
    EXECUTABLE,
    REGIONS,
    REGION_PAGES = 8,
};
#define REGION_SIZE (REGION_PAGES * PAGE)

// Volatile, as the compiler must not conclude anything from the address.
static char *volatile arena = (char *)0x2000000000;

static inline char *region(unsigned kind) {
    return arena + kind * REGION_SIZE;
}

// A region of the arena; what a fuzzed call has unmapped before is there again.
static inline void map_region(unsigned kind, int protection, int flags, int fd) {
    // Where that fails, what uses the region gets bad addresses, as elsewhere on purpose.
    (void)mmap(region(kind), REGION_SIZE, protection, flags | MAP_FIXED, fd, 0);
}

// `file`: a descriptor of a file of less than a page.
static inline void map_arena(int file) {
    int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    map_region(READ_WRITE, PROT_READ | PROT_WRITE, anonymous, -1);
    map_region(READ_ONLY, PROT_READ, anonymous, -1);
    map_region(NO_ACCESS, PROT_NONE, anonymous, -1);
    map_region(SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    map_region(PAST_THE_END, PROT_READ | PROT_WRITE, MAP_SHARED, file);
    map_region(EXECUTABLE, PROT_READ | PROT_EXEC, anonymous, -1);
}

// Room for a structure that the process itself fills: always there, unless a call has taken it.
static inline char *good_room(void) {
    return region(READ_WRITE) + below(REGION_PAGES - 2) * PAGE + below(PAGE / 8) * 8;
}

static inline uint64_t bad_address(void) {
    static const uint64_t edges[] = {
        0,
        1,
        8,
        PAGE - 1,
        0x10000,
        (1ul << 38) - 1,
        (1ul << 38) - PAGE,
        1ul << 38,
        1ul << 39,
        0xffffffc080400000,
        0xffffffe000004000,
        0xffffffc000000000,
        -1ul,
        -8ul,
        -4096ul,
        0x8000000000000000,
    };
    switch (below(4)) {
    case 0: return PICK(edges);
    case 1: return next_random();
    case 2: return (uint64_t)region(below(REGIONS)) + below(REGION_SIZE);
    // Just before the end of a region: the rest lies in the next one.
    default: return (uint64_t)region(1 + (unsigned)below(REGIONS)) - 1 - below(40);
    }
}

// --- numbers ---------------------------------------------------------------------------------------

static inline uint64_t any_number(void) {
    static const int64_t edges[] = {
        -1,
        -2,
        2,
        4,
        7,
        64,
        4095,
        4096,
        4097,
        INT_MAX,
        INT_MIN,
        (int64_t)UINT_MAX,
        1l << 32,
        LONG_MAX,
        LONG_MIN,
        1l << 40,
        -4096,
        0x7ffff000,
        0x7fffffff000,
    };
    switch (below(6)) {
    case 0: return 0;
    case 1: return 1;
    case 2: return below(16);
    case 3: return below(70);
    case 4: return (uint64_t)PICK(edges);
    default: return next_random() >> below(64);
    }
}

static inline uint64_t any_size(void) {
    static const uint64_t usual[] = {0, 1, 7, 8, 16, 100, 512, PAGE, PAGE + 1, 3 * PAGE, 20000};
    return chance(80) ? PICK(usual) : any_number();
}

static inline uint64_t any_offset(void) {
    static const uint64_t usual[] = {0, 1, 511, PAGE, 10 * PAGE + 5, 1 << 20, 1ul << 33};
    return chance(80) ? PICK(usual) : any_number();
}

// Bits of the low `count`: none, one, some or too many.
static inline uint64_t any_flags(unsigned count) {
    switch (below(5)) {
    case 0:
    case 1: return 0;
    case 2: return 1ul << below(count);
    case 3: return sparse_bits(2) & ((1ul << count) - 1);
    default: break;
    }
    if (chance(50)) return any_number();
    uint64_t bit = 1ul << below(count);
    return bit | 1ul << below(count);
}

static inline uint64_t any_fd(void) {
    static const int edges[] = {-1, AT_FDCWD, 1023, 1024, INT_MAX, INT_MIN, 250, 4096};
    return (uint64_t)(chance(90) ? (int)below(28) : PICK(edges));
}

static inline uint64_t any_folder(void) {
    return chance(75) ? (uint64_t)AT_FDCWD : any_fd();
}

static inline uint64_t any_signal(void) {
    return chance(95) ? below(66) : any_number();
}

// Nobody but the process itself, its children, and numbers that are no process: `mates` has them.
static pid_t mates[6];
static inline uint64_t any_pid(void) {
    static const int nobody[] = {99999, -99999, INT_MAX, INT_MIN, 70000};
    return (uint64_t)(chance(80) ? PICK(mates) : PICK(nobody));
}

// --- text ------------------------------------------------------------------------------------------

// The names of the folder that all processes of a run share.
static const char *const own_names[] = {"a",   "b",   "c",     "d",    "d/a",
                                        "d/b", "d/e", "d/e/f", "link", "./a"};
static const char *const other_names[] = {
    "",
    ".",
    "..",
    "/",
    "d/..",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/tty",
    "/proc/self/maps",
    "/proc/self/fd/6",
    "/proc/1/stat",
    "/proc/self/fd",
    "/proc/mounts",
    "/bin/true",
    "//",
    "a/",
    "link/a",
    "/no/such",
    "/proc/goose/frames",
    "/proc/self",
};

// Text at good_room(); with `own`, a name in the folder of the run only.
static inline uint64_t any_path(int own) {
    if (chance(3)) return bad_address();
    char *room = good_room();
    if (chance(4)) {  // a long name, or a long path
        size_t length = (size_t[]){255, 256, 4095, 4096, 5000}[below(5)];
        memset(room, chance(50) ? 'x' : '/', length);
        room[length] = 0;
        if (own && room[0] == '/') room[0] = 'y';
        return (uint64_t)room;
    }
    if (chance(3)) {  // no end before the hole
        char *text = region(HOLE) - 1 - below(20);
        memset(text, 'e', (size_t)(region(HOLE) - text));
        return (uint64_t)text;
    }
    strcpy(room, own || chance(60) ? PICK(own_names) : PICK(other_names));
    return (uint64_t)room;
}

// --- structures ------------------------------------------------------------------------------------

static inline void *fill_words(uint64_t (*word)(void), unsigned count) {
    uint64_t *room = (uint64_t *)good_room();
    for (unsigned i = 0; i < count; i++) room[i] = word();
    return room;
}

// At most some milliseconds, mostly: nobody wants to wait.
static inline void *some_times(unsigned count) {
    struct timespec *room = (struct timespec *)good_room();
    for (unsigned i = 0; i < count; i++) {
        room[i] = (struct timespec){0, (long)below(900000)};
        if (chance(5)) room[i] = (struct timespec){(long)any_number(), (long)any_number()};
    }
    return room;
}

static inline void *some_vectors(void) {
    struct iovec *room = (struct iovec *)good_room();
    for (int i = 0; i < 16; i++) {
        uint64_t base = chance(90) ? (uint64_t)good_room() : bad_address();
        room[i] = (struct iovec){(void *)base, any_size()};
    }
    return room;
}

static inline void *some_polls(void) {
    struct pollfd *room = (struct pollfd *)good_room();
    for (int i = 0; i < 32; i++) room[i] = (struct pollfd){(int)any_fd(), (short)any_flags(8), 0};
    return room;
}

static void ignore_signal(int signal) {
    (void)signal;
}

static inline void *some_action(void) {
    struct sigaction *room = (struct sigaction *)good_room();
    memset(room, 0, sizeof *room);
    sighandler_t handlers[] = {SIG_DFL, SIG_IGN, ignore_signal, ignore_signal};
    room->sa_handler = chance(95) ? PICK(handlers) : (sighandler_t)bad_address();
    room->sa_flags = (typeof(room->sa_flags))(chance(50) ? 0 : next_random());
    room->sa_mask = sparse_bits(2);
    return room;
}

// An argument vector: a few strings, then the end, unless it has none.
static inline void *some_strings(void) {
    uint64_t *room = (uint64_t *)good_room();
    unsigned count = (unsigned)below(6);
    for (unsigned i = 0; i < count; i++) room[i] = any_path(1);
    room[count] = chance(95) ? 0 : bad_address();
    return room;
}
