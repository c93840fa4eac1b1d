// Too much of one thing, by several processes at once:
//     storm open COUNT        files, folders, devices and pipes opened and closed, and as many as fit
//     storm pipes SECONDS     rings of processes that pass bytes on; some get killed
//     storm signals SECONDS   processes that send each other all signals, at work in system calls
//     storm forks COUNT       forks in parent and children, each with some memory, until COUNT forks
//                             were refused or processes killed for their memory
//     storm disk FOLDER       files until there is no room, and again after every second has gone
//     storm inodes FOLDER     the same with empty files, folders and links
// Status 0: the system refused what it could not give, in order, and everything has been given back.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "reap.h"

enum { PROCESSES = 6 };

static struct process_set before;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
    exit(1);
}

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

// Starts PROCESSES children; waits until each has ended with status 0.
static void in_parallel(void (*body)(int number, long argument), long argument) {
    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork();
        if (pid < 0) fail("fork");
        if (pid == 0) {
            body(i, argument);
            _exit(0);
        }
    }
    int failed = 0;
    for (int status; wait(&status) > 0;) failed |= status;
    if (failed) exit(1);
}

// --- open ------------------------------------------------------------------------------------------

static void open_as_many_as_fit(void) {
    int fds[2], count = 0, last = -1;
    while ((last = open("/dev/null", O_RDONLY)) >= 0) count = last;
    if (errno != EMFILE) fail("open many");
    if (pipe(fds) == 0 || errno != EMFILE) fail("pipe after too many");
    for (int fd = 3; fd <= count; fd++) close(fd);
}

static void open_and_close(int number, long count) {
    static const char *const paths[] = {"/", "/dev/zero", "/proc/self/status", "/bin/sh", "/proc",
                                        "/no/such", "/tmp"};
    for (long i = 0; i < count; i++) {
        int fds[2];
        int fd = open(paths[(i + number) % 7], O_RDONLY);
        if (fd < 0 && errno != ENOENT) fail("open");
        close(fd);
        if (i % 16 == 0 && pipe(fds) == 0) close(fds[0]), close(fds[1]);
    }
    open_as_many_as_fit();
}

// --- pipes -----------------------------------------------------------------------------------------

// Each process of a ring writes to the next one; the first puts bytes in. They end by a signal, or
// when a neighbour has.
static void run_ring(int seed) {
    enum { LENGTH = 8 };
    int ring[LENGTH][2];
    static char bytes[9000];
    pid_t pids[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
        if (pipe(ring[i]) < 0) fail("pipe");
    }
    for (int i = 0; i < LENGTH; i++) {
        pids[i] = fork();
        if (pids[i] != 0) continue;
        for (int j = 0; j < LENGTH; j++) {
            if (j != i) close(ring[j][0]);
            if (j != (i + 1) % LENGTH) close(ring[j][1]);
        }
        if (i == 0 && write(ring[1][1], bytes, 3000) < 0) _exit(0);
        for (ssize_t size; (size = read(ring[i][0], bytes, (size_t)(1 + (seed + i) * 777 % 9000))) > 0;) {
            if (write(ring[(i + 1) % LENGTH][1], bytes, (size_t)size) < 0) break;
        }
        _exit(0);
    }
    for (int i = 0; i < LENGTH; i++) close(ring[i][0]), close(ring[i][1]);
    sleep_milliseconds(30);
    kill(pids[seed % LENGTH], SIGKILL);
    for (int i = 0; i < LENGTH; i++) waitpid(pids[i], NULL, 0);
}

static void pipes(int number, long seconds) {
    time_t end = now() + seconds;
    for (int turn = number; now() < end; turn += PROCESSES) run_ring(turn);
}

// --- signals ---------------------------------------------------------------------------------------

static volatile pid_t *targets;
static volatile int caught;

static void count_signal(int signal) {
    (void)signal;
    caught++;
    getppid();
}

static void send_signals(int number, long seconds) {
    for (int signal = 1; signal < 65; signal++) {
        struct sigaction action = {.sa_handler = count_signal};
        action.sa_flags = signal % 2 ? SA_RESTART : SA_NODEFER | SA_SIGINFO;
        sigaction(signal, &action, NULL);
    }
    targets[number] = getpid();
    time_t end = now() + seconds;
    for (unsigned i = (unsigned)number; now() < end; i++) {
        pid_t target = targets[i * 7 % PROCESSES];
        int signal = 1 + (int)(i * 13 % 64);
        if (signal == SIGKILL || signal == SIGSTOP) signal = SIGCONT;
        if (target > 0) kill(target, signal);
        if (i % 50 == 0) sleep_milliseconds(1);
        if (i % 400 == 0 && fork() == 0) _exit(0);
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
        // One that stands still meanwhile, and its signals with it.
        if (i % 997 == 0 && number == 0 && targets[1] > 0) {
            kill(targets[1], SIGSTOP);
            sleep_milliseconds(2);
            kill(targets[1], SIGCONT);
        }
    }
    targets[number] = 0;
    if (number == 0 && targets[1] > 0) kill(targets[1], SIGCONT);
    if (caught == 0) fail("no signal came");
}

// --- forks -----------------------------------------------------------------------------------------

static char ballast[1 << 20];

static void bomb(long count) {
    volatile long *refused =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t mother = getpid();
    time_t end = now() + 60;
    while (*refused < count && now() < end) {
        pid_t pid = fork();
        if (pid == 0) memset(ballast, getpid(), sizeof ballast);
        if (pid < 0) __atomic_fetch_add(refused, 1, __ATOMIC_RELAXED);
        if (pid != 0) sleep_milliseconds(5);
        for (int status; waitpid(-1, &status, WNOHANG) > 0;) {
            if (WIFSIGNALED(status)) __atomic_fetch_add(refused, 1, __ATOMIC_RELAXED);
        }
    }
    if (getpid() != mother) _exit(0);
    long times = *refused;
    if (kill_strangers(&before)) fail("processes do not die");
    printf("storm: %ld times refused or killed\n", times);
    if (times == 0) fail("fork was never refused");
}

// --- disk ------------------------------------------------------------------------------------------

static const char *folder;

static void name_file(char *out, size_t size, int number, long i) {
    snprintf(out, size, "%s/%d.%ld", folder, number, i);
}

// Makes file i: 0 where there is no room.
static int fill_with_bytes(const char *path, long i) {
    static char bytes[20000];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ssize_t written = fd < 0 ? -1 : 0;
    for (long piece = 0; piece <= i % 5 && written >= 0; piece++) {
        written = write(fd, bytes, (size_t)(1 + (i * 4099 + piece) % 20000));
    }
    if (written < 0 && errno != ENOSPC) fail(path);
    if (fd >= 0) close(fd);
    return written >= 0;
}

static int fill_with_names(const char *path, long i) {
    int made = -1, fd;
    switch (i % 3) {
    case 0: made = mkdir(path, 0755); break;
    case 1: made = symlink("some/where/else", path); break;
    default:
        made = fd = open(path, O_WRONLY | O_CREAT, 0644);
        if (fd >= 0) close(fd);
    }
    if (made < 0 && errno != ENOSPC) fail(path);
    return made >= 0;
}

static int (*fill_one)(const char *path, long i);

static void remove_one(const char *path) {
    if (unlink(path) < 0 && rmdir(path) < 0 && errno != ENOENT) fail(path);
}

static void fill(int number, long turns) {
    char path[300];
    long count = 0;
    for (long turn = 0; turn < turns; turn++) {
        long i = 0;
        int refused = 0;
        // A process gives up only after several refusals: others may have made room meanwhile.
        for (; refused < 5; i++) {
            name_file(path, sizeof path, number, i);
            refused += !fill_one(path, i);
        }
        count = i > count ? i : count;
        for (i = 0; i < count; i += 2) {
            name_file(path, sizeof path, number, i);
            remove_one(path);
        }
    }
    for (long i = 0; i < count; i++) {
        name_file(path, sizeof path, number, i);
        remove_one(path);
    }
}

static void fill_up(int (*with)(const char *, long)) {
    struct statfs start, end;
    fill_one = with;
    if (statfs(folder, &start) < 0) fail(folder);
    in_parallel(fill, 3);
    if (statfs(folder, &end) < 0) fail(folder);
    printf("storm: free blocks %lu, then %lu; free inodes %lu, then %lu\n", (unsigned long)start.f_bfree,
           (unsigned long)end.f_bfree, (unsigned long)start.f_ffree, (unsigned long)end.f_ffree);
    // The folder itself may have grown.
    if (start.f_ffree != end.f_ffree || start.f_bfree - end.f_bfree > 64) exit(1);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const char *kind = argv[1];
    long argument = atol(argv[2]);
    folder = argv[2];
    list_processes(&before);
    int sharing = MAP_SHARED | MAP_ANONYMOUS;
    targets = mmap(NULL, 4096, PROT_READ | PROT_WRITE, sharing, -1, 0);
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(kind, "open") == 0) in_parallel(open_and_close, argument / PROCESSES);
    else if (strcmp(kind, "pipes") == 0) in_parallel(pipes, argument);
    else if (strcmp(kind, "signals") == 0) in_parallel(send_signals, argument);
    else if (strcmp(kind, "forks") == 0) bomb(argument);
    else if (strcmp(kind, "disk") == 0) fill_up(fill_with_bytes);
    else if (strcmp(kind, "inodes") == 0) fill_up(fill_with_names);
    else return 2;
    return 0;
}
