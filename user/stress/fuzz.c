// Every system call with random and boundary arguments, by several processes at once.
//     fuzz [-s SECONDS] [-j PROCESSES] [-c CALLS] [-f FOLDER] SEED
//     fuzz -1 [-v] [-c CALLS] [-f FOLDER] SEED     one process's calls, here; -v: each before it is made
//
// Process number n of a run has the seed SEED + n and that in its name, which a panic shows. It makes
// CALLS calls in a folder that all share. One that makes none for a while waits for something, and
// is killed like some others. At the end nothing of it is left: no process, file or mount.
// Status 1: something is left. On Linux it becomes the user nobody first.
#include <errno.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>

#include "fuzz_calls.h"
#include "reap.h"

enum {
    MOST_WORKERS = 16,
    STILL_MILLISECONDS = 80,
    START_MILLISECONDS = 3000,
    DEATH_MILLISECONDS = 20000,
    TICK = 5
};

// What the processes tell the one that watches them. It does not believe it: they may scribble here.
struct board {
    uint32_t done[MOST_WORKERS];
    uint32_t tried[CALLS], succeeded[CALLS];
};
static struct board *board;
static unsigned worker_calls = 400;
static int verbose;

static int is_goose(void) {
    return access("/proc/goose", F_OK) == 0;
}

// --- one process -----------------------------------------------------------------------------------

static void child_that_waits(pid_t parent) {
    for (;;) {
        sleep_milliseconds(20);
        if (getppid() != parent) _exit(0);
    }
}

static void open_some_files(void) {
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3 && !verbose; fd++) dup2(null, fd);
    int fds[2];
    open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK);
    char name[20];  // of its own: what the others have may have become a folder
    snprintf(name, sizeof name, "file.%d", getpid());
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (write(file, "some text\n", 10) < 0) errno = 0;
    open(".", O_RDONLY | O_DIRECTORY);
    open("/dev/zero", O_RDWR);
    open("/dev/urandom", O_RDONLY);
    open("/proc/self/maps", O_RDONLY);
    open("/proc", O_RDONLY | O_DIRECTORY);
    if (pipe2(fds, O_NONBLOCK) < 0 || pipe2(fds, 0) < 0) errno = 0;
    syscall(SYS_socketpair, 1, 1, 0, fds);
    syscall(SYS_memfd_create, "memory", 0);
    open("b", O_WRONLY | O_CREAT | O_APPEND, 0600);
    map_arena(file);
}

static void make_mates(void) {
    for (unsigned i = 0; i < COUNT_OF(mates); i++) mates[i] = getpid();
    if (chance(50) && setpgid(0, 0) == 0) {
        mates[3] = 0;
        mates[4] = -getpid();
    }
    pid_t me = getpid();
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) child_that_waits(me);
        if (child > 0) mates[i] = child;
    }
    if (!is_linux) mates[5] = 1;
}

// Blocked calls are to end soon, by a signal. A fuzzed call may change all of this.
static void interrupt_often(void) {
    struct itimerval often = {{0, 15000}, {0, 15000}};
    struct sigaction action = {.sa_handler = ignore_signal};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
}

static void show_call(unsigned at, const uint64_t arguments[6]) {
    dprintf(1, "%s(%s):", calls[at].name, calls[at].arguments);
    for (int i = 0; i < argument_counts[at]; i++) dprintf(1, " %#lx", (unsigned long)arguments[i]);
    dprintf(1, "\n");
}

static _Noreturn void work(uint64_t seed, unsigned slot) {
    char name[16];
    snprintf(name, sizeof name, "fuzz %lu", (unsigned long)seed);
    prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
    set_seed(seed);
    for (int signal = 1; signal < 32; signal++) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        if (signal != SIGKILL && signal != SIGSTOP) sigaction(signal, &action, NULL);
    }
    make_mates();
    open_some_files();
    for (unsigned i = 0; i < worker_calls; i++) {
        if (i % 32 == 0) {
            map_arena(5);
            interrupt_often();
        }
        unsigned at = choose_call();
        uint64_t arguments[6];
        make_arguments(at, arguments);
        if (verbose) show_call(at, arguments);
        board->done[slot]++;
        board->tried[at]++;
        long result = do_call(at, arguments);
        if (result < 0 && result > -4096) continue;
        board->succeeded[at]++;
    }
    _exit(0);
}

// --- those who watch -------------------------------------------------------------------------------

struct worker {
    pid_t pid;
    uint32_t first;    // calls made in its slot before it started
    uint32_t done;     // as it was last seen
    int still, dying;  // milliseconds since then, or since it was killed
};
static struct worker workers[MOST_WORKERS];
static uint64_t next_seed;
static unsigned long started, killed;

static void start_worker(unsigned slot) {
    pid_t pid = fork();
    if (pid == 0) work(next_seed, slot);
    workers[slot] = (struct worker){.pid = pid > 0 ? pid : 0, .first = board->done[slot]};
    workers[slot].done = workers[slot].first;
    if (pid > 0) next_seed++, started++;
}

// Whether a worker is no more. One that has asked to be traced stops for this process and goes on,
// mostly with the signal for which it has stopped.
static int has_ended(pid_t pid, int options) {
    int status;
    pid_t changed = waitpid(pid, &status, options);
    if (changed <= 0 || !WIFSTOPPED(status)) return changed != 0;
    int signal = WSTOPSIG(status) & 0x7f;
    if (signal == SIGTRAP || rand() % 4 == 0) signal = 0;
    ptrace(rand() % 3 ? PTRACE_CONT : PTRACE_SYSCALL, pid, NULL, (void *)(long)signal);
    return 0;
}

// Returns 0 if a process that was killed is still there.
static int watch(unsigned slot, int start_new) {
    struct worker *worker = &workers[slot];
    if (worker->pid == 0 || has_ended(worker->pid, WNOHANG)) {
        worker->pid = 0;
        if (start_new) start_worker(slot);
        return 1;
    }
    if (worker->dying > 0) {
        worker->dying += TICK;
        return worker->dying < DEATH_MILLISECONDS;
    }
    worker->still = worker->done == board->done[slot] ? worker->still + TICK : 0;
    worker->done = board->done[slot];
    int patience = worker->done == worker->first ? START_MILLISECONDS : STILL_MILLISECONDS;
    if (start_new && worker->still < patience && rand() % 200 != 0) return 1;
    kill(worker->pid, SIGKILL);
    worker->dying = TICK;
    killed++;
    return 1;
}

static long now_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int some_left(unsigned count) {
    for (unsigned slot = 0; slot < count; slot++) {
        if (workers[slot].pid) return 1;
    }
    return 0;
}

static int run_workers(unsigned count, long seconds) {
    long end = now_milliseconds() + seconds * 1000;
    int dead = 1;
    while (dead && (now_milliseconds() < end || some_left(count))) {
        for (unsigned slot = 0; slot < count; slot++) dead &= watch(slot, now_milliseconds() < end);
        sleep_milliseconds(TICK);
    }
    return dead;
}

static void report(uint64_t seed, unsigned count, long seconds) {
    unsigned long tried = 0, succeeded = 0;
    for (unsigned i = 0; i < CALLS; i++) tried += board->tried[i], succeeded += board->succeeded[i];
    printf(
        "fuzz: seed %lu, %ld s, %u processes at a time: %lu calls, %lu succeeded, %lu processes, "
        "%lu killed\n",
        (unsigned long)seed, seconds, count, tried, succeeded, started, killed);
    printf("fuzz: excluded: %s\nfuzz: never succeeded:", excluded);
    for (unsigned i = 0; i < CALLS; i++) {
        if (board->tried[i] && !board->succeeded[i])
            printf(" %s(%u)", calls[i].name, board->tried[i]);
    }
    printf("\nfuzz: never tried:");
    for (unsigned i = 0; i < CALLS; i++) {
        if (!board->tried[i]) printf(" %s", calls[i].name);
    }
    printf("\n");
}

// --- leaving no trace ------------------------------------------------------------------------------

static struct process_set before;
static struct termios terminal;
static struct timespec clock_before;
static long monotonic_before;

static void remember_surroundings(void) {
    for (int signal = 1; signal < 32; signal++) {
        struct sigaction action = {.sa_handler = SIG_IGN};
        if (signal != SIGCHLD && signal != SIGKILL) sigaction(signal, &action, NULL);
    }
    list_processes(&before);
    tcgetattr(2, &terminal);
    clock_gettime(CLOCK_REALTIME, &clock_before);
    monotonic_before = now_milliseconds();
}

// The last name in the text that begins with `folder`, or NULL.
static char *last_in(char *text, const char *folder) {
    char *found = NULL;
    for (char *at = text; (at = strstr(at, folder)); at++) found = at;
    return found;
}

// Returns 0 if something stays mounted in the folder. The last mount first, as it may stand on an
// earlier one; but an earlier one may hide it, after a rename below that.
static int unmount_all(const char *folder) {
    static char table[1 << 17];
    for (;;) {
        size_t size = 0;
        int fd = open("/proc/mounts", O_RDONLY);
        for (ssize_t more; (more = read(fd, table + size, sizeof table - 1 - size)) > 0;)
            size += (size_t)more;
        close(fd);
        table[size] = 0;
        char *found = last_in(table, folder);
        if (!found) return 1;
        for (; found; found = last_in(table, folder)) {
            found[strcspn(found, " ")] = 0;
            if (umount2(found, 0) == 0) break;
            printf("fuzz: %s cannot be unmounted now: %s\n", found, strerror(errno));
            *found = 0;
        }
        if (!found) return 0;
    }
}

// Removes an entry of the current folder, or goes into it: 1 if it did that.
static int remove_or_enter(const char *name) {
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return 0;
    if (unlink(name) == 0 || rmdir(name) == 0) return 0;
    return chdir(name) == 0;
}

// Trees grow deep, as every process moves folders into others: a way down and up, without recursion.
// Returns 0 if something is left.
static int remove_tree(const char *path) {
    if (chdir(path) < 0) return errno == ENOENT;
    int depth = 0;
    for (int turn = 0; turn < 5000 && depth >= 0; turn++) {
        DIR *folder = opendir(".");
        int entered = 0;
        for (struct dirent *entry; folder && !entered && (entry = readdir(folder));) {
            entered = remove_or_enter(entry->d_name);
        }
        if (folder) closedir(folder);
        depth += entered ? 1 : -1;
        if (!entered && chdir("..") < 0) break;
    }
    if (rmdir(path) == 0) return 1;
    printf("fuzz: %s cannot be removed: %s\n", path, strerror(errno));
    return 0;
}

// Returns how many processes do not die, and files and mounts.
static int restore_surroundings(const char *folder) {
    int left = is_linux ? 0 : kill_strangers(&before);
    tcsetpgrp(2, getpgrp());
    tcsetattr(2, TCSANOW, &terminal);
    if (chdir("/") < 0) perror("fuzz: /");
    if (!is_linux) {
        long passed = now_milliseconds() - monotonic_before;
        clock_before.tv_sec += passed / 1000;
        clock_settime(CLOCK_REALTIME, &clock_before);
        left += !unmount_all(folder);
    }
    int removed = remove_tree(folder);
    return left + (!removed && !is_linux);  // nobody cannot enter each folder that he has made
}

// Nobody, who can harm only what is his; and no big files.
static void become_harmless(void) {
    struct rlimit size = {16 << 20, 16 << 20};
    setrlimit(RLIMIT_FSIZE, &size);
    if (getuid() != 0) return;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || setgid(65534) < 0 || setuid(65534) < 0) exit(2);
}

static void enter_folder(const char *parent, char *folder, size_t size, uint64_t seed) {
    snprintf(folder, size, "%s/fuzz.%lu", parent, (unsigned long)seed);
    if (!remove_tree(folder) || mkdir(folder, 0777) < 0 || chmod(folder, 0777) < 0 ||
        chdir(folder) < 0) {
        perror(folder);
        exit(2);
    }
}

int main(int argc, char **argv) {
    long seconds = 10;
    unsigned count = 6;
    int alone = 0;
    const char *parent = "/tmp";
    for (int option; (option = getopt(argc, argv, "s:j:c:f:1v")) != -1;) {
        if (option == 's') seconds = atol(optarg);
        else if (option == 'j') count = (unsigned)atoi(optarg);
        else if (option == 'c') worker_calls = (unsigned)atoi(optarg);
        else if (option == 'f') parent = optarg;
        else if (option == '1') alone = 1;
        else if (option == 'v') verbose = 1;
        else return 2;
    }
    if (optind + 1 != argc || count == 0 || count > MOST_WORKERS) {
        fprintf(stderr, "Usage: fuzz [-1v] [-s SECONDS] [-j 1..%d] [-c CALLS] [-f FOLDER] SEED\n",
                MOST_WORKERS);
        return 2;
    }
    uint64_t seed = next_seed = strtoul(argv[optind], NULL, 0);
    is_linux = !is_goose();
    find_makers();
    int sharing = MAP_SHARED | MAP_ANONYMOUS;
    board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE, sharing, -1, 0);
    char folder[300];
    enter_folder(parent, folder, sizeof folder, seed);
    remember_surroundings();
    if (is_linux) become_harmless();
    int dead = 1;
    if (alone) {
        start_worker(0);
        while (!has_ended(workers[0].pid, 0)) continue;
    } else dead = run_workers(count, seconds);
    report(seed, count, seconds);
    fflush(stdout);
    int left = restore_surroundings(folder);
    printf("fuzz: all of it gone after %ld ms\n", now_milliseconds() - monotonic_before);
    if (!dead || left) printf("fuzz: left: %d workers, %d others\n", !dead, left);
    return !dead || left;
}
