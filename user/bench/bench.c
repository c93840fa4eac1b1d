// What system calls cost: the loops of the table in docs/bench.md, in nanoseconds per operation.
//
//     bench [-r rounds] [row...]       all rows, five rounds of each
//
// Prints a line a row: its name and the time of each round. Under `-icount shift=0` a nanosecond is an
// instruction. The same file runs on Linux. Each round runs in a new small process, so that one does
// not leave the next a large memory to copy; it works in the current folder and leaves nothing there.
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096l
#define MOST_ROUNDS 50

static char buffer[65536];
static const char *self;

static long now(void) {
    struct timespec time;
    if (clock_gettime(CLOCK_MONOTONIC, &time) < 0) err(2, "clock_gettime");
    return time.tv_sec * 1000000000l + time.tv_nsec;
}

// The value of a call that must not fail.
#define MUST(call) must(call, #call)
static long must(long result, const char *what) {
    if (result < 0) err(2, "%s", what);
    return result;
}

static void wait_for(pid_t child) {
    int status;
    MUST(waitpid(child, &status, 0));
    if (status != 0) errx(2, "a child ended with status %#x", (unsigned)status);
}

// Starts a child that calls `body` and ends.
static pid_t start(void (*body)(void)) {
    pid_t child = (pid_t)MUST(fork());
    if (child == 0) {
        body();
        _exit(0);
    }
    return child;
}

static void nothing(void) {
}

static void null_call(long count) {
    for (long i = 0; i < count; i++) getpid();
}

static void fork_exit_wait(long count) {
    for (long i = 0; i < count; i++) wait_for(start(nothing));
}

static void fork_with_heap(long count) {
    memset((void *)MUST((long)sbrk(4 << 20)), 1, 4 << 20);
    fork_exit_wait(count);
}

static void execute(void) {
    execl(self, "bench", "-n", NULL);
    err(2, "%s", self);
}

static void fork_exec_wait(long count) {
    for (long i = 0; i < count; i++) wait_for(start(execute));
}

static int there[2], back[2];
static long rounds_of_pong;

static void pong(void) {
    for (long i = 0; i < rounds_of_pong; i++) {
        MUST(read(there[0], buffer, 1));
        MUST(write(back[1], buffer, 1));
    }
}

static void ping_pong(long count) {
    MUST(pipe(there));
    MUST(pipe(back));
    rounds_of_pong = count;
    pid_t child = start(pong);
    for (long i = 0; i < count; i++) {
        MUST(write(there[1], buffer, 1));
        MUST(read(back[0], buffer, 1));
    }
    wait_for(child);
}

static long pipe_size, pipe_writes;

static void pipe_writer(void) {
    close(there[0]);
    for (long i = 0; i < pipe_writes; i++) {
        if (MUST(write(there[1], buffer, (size_t)pipe_size)) != pipe_size) errx(2, "short write");
    }
}

static void through_pipe(long size, long count) {
    MUST(pipe(there));
    pipe_size = size;
    pipe_writes = count;
    pid_t child = start(pipe_writer);
    close(there[1]);
    long sum = 0, got;
    while ((got = MUST(read(there[0], buffer, (size_t)size))) > 0) sum += got;
    if (sum != size * count) errx(2, "%ld bytes came through the pipe, not %ld", sum, size * count);
    wait_for(child);
}

static void pipe_4k(long count) {
    through_pipe(4096, count);
}
static void pipe_64k(long count) {
    through_pipe(65536, count);
}

static void touch_pages(long count) {
    for (long done = 0; done < count; done += 1024) {
        char *memory = (char *)MUST((long)sbrk(1024 * PAGE));
        for (long i = 0; i < 1024; i++) ((volatile char *)memory)[i * PAGE] = 1;
        MUST((long)sbrk(-1024 * PAGE));
    }
}

static const char *numbered(long i) {
    static char name[32];
    snprintf(name, sizeof name, "bench.%ld", i);
    return name;
}

static void write_file(const char *name, long size, int flags) {
    int fd = (int)MUST(open(name, O_WRONLY | O_CREAT | flags, 0644));
    if (size > 0) MUST(write(fd, buffer, (size_t)size));
    close(fd);
}

static void create_1k(long count) {
    for (long i = 0; i < count; i++) write_file(numbered(i), 1024, 0);
}

static void unlink_1k(long count) {
    for (long i = 0; i < count; i++) MUST(unlink(numbered(i)));
}

static void create_empty(long count) {
    for (long i = 0; i < count; i++) {
        write_file("bench.empty", 0, 0);
        MUST(unlink("bench.empty"));
    }
}

static void make_folder(long count) {
    for (long i = 0; i < count; i++) {
        MUST(mkdir("bench.folder", 0755));
        MUST(rmdir("bench.folder"));
    }
}

static void make_4k(long count) {
    (void)count;
    write_file("bench.file", 4096, O_TRUNC);
}

static void open_close(long count) {
    for (long i = 0; i < count; i++) close((int)MUST(open("bench.file", O_RDONLY)));
}

static void stat_path(long count) {
    struct stat status;
    for (long i = 0; i < count; i++) MUST(stat("bench.file", &status));
}

static void stat_open(long count) {
    struct stat status;
    int fd = (int)MUST(open("bench.file", O_RDONLY));
    for (long i = 0; i < count; i++) MUST(fstat(fd, &status));
}

static void write_with(long count, int flags) {
    for (long done = 0; done < count; done += 64) {
        int fd = (int)MUST(open("bench.file", O_WRONLY | O_CREAT | O_TRUNC | flags, 0644));
        for (int i = 0; i < 64; i++) MUST(write(fd, buffer, 4096));
        close(fd);
    }
}

static void write_4k(long count) {
    write_with(count, 0);
}
static void write_4k_sync(long count) {
    write_with(count, O_SYNC);
}

static void make_file_of(long blocks) {
    int fd = (int)MUST(open("bench.file", O_WRONLY | O_CREAT | O_TRUNC, 0644));
    for (long i = 0; i < blocks; i++) MUST(write(fd, buffer, 4096));
    close(fd);
}

static void reread(long count, long blocks) {
    int fd = (int)MUST(open("bench.file", O_RDONLY));
    for (long done = 0; done < count; done += blocks) {
        MUST(lseek(fd, 0, SEEK_SET));
        for (long i = 0; i < blocks; i++) MUST(read(fd, buffer, 4096));
    }
}

static void make_256k(long count) {
    (void)count;
    make_file_of(64);
}
static void make_8k(long count) {
    (void)count;
    make_file_of(2);
}
static void read_4k(long count) {
    reread(count, 64);
}
static void read_hot(long count) {
    reread(count, 2);
}

// `before` prepares and `after` clears up, outside the measured time.
static const struct row {
    const char *name;
    long count;
    void (*loop)(long count), (*before)(long count), (*after)(long count);
} rows[] = {
    {"null", 100000, null_call, NULL, NULL},         {"fork", 500, fork_exit_wait, NULL, NULL},
    {"fork4m", 20, fork_with_heap, NULL, NULL},      {"exec", 200, fork_exec_wait, NULL, NULL},
    {"pingpong", 5000, ping_pong, NULL, NULL},       {"pipe4k", 1024, pipe_4k, NULL, NULL},
    {"pipe64k", 64, pipe_64k, NULL, NULL},           {"touch", 4096, touch_pages, NULL, NULL},
    {"create1k", 100, create_1k, NULL, unlink_1k},   {"unlink1k", 100, unlink_1k, create_1k, NULL},
    {"create0", 100, create_empty, NULL, NULL},      {"mkdir", 100, make_folder, NULL, NULL},
    {"open", 2000, open_close, make_4k, NULL},       {"stat", 2000, stat_path, make_4k, NULL},
    {"fstat", 20000, stat_open, make_4k, NULL},      {"write4k", 2560, write_4k, NULL, NULL},
    {"write4ksync", 128, write_4k_sync, NULL, NULL}, {"read4k", 2560, read_4k, make_256k, NULL},
    {"readhot", 2560, read_hot, make_8k, NULL},
};

static long *shared_result;
static const struct row *current;

static void measure(void) {
    if (current->before) current->before(current->count);
    long start_time = now();
    current->loop(current->count);
    *shared_result = now() - start_time;
    if (current->after) current->after(current->count);
}

static int wanted(const char *name, int count, char **names) {
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) return 1;
    }
    return count == 0;
}

int main(int argc, char **argv) {
    long rounds = 5;
    int option;
    self = "/proc/self/exe";
    while ((option = getopt(argc, argv, "nr:")) != -1) {
        if (option == 'n') return 0;  // what a child of the row `exec` does
        if (option == 'r') rounds = strtol(optarg, NULL, 10);
        if (option == '?' || rounds < 1 || rounds > MOST_ROUNDS) {
            fprintf(stderr, "usage: bench [-r rounds, at most %d] [row...]\n", MOST_ROUNDS);
            return 2;
        }
    }
    shared_result = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared_result == MAP_FAILED) err(2, "mmap");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        current = &rows[i];
        if (!wanted(current->name, argc - optind, argv + optind)) continue;
        printf("%s", current->name);
        for (long round = 0; round < rounds; round++) {
            fflush(stdout);
            wait_for(start(measure));
            printf(" %ld.%03ld", *shared_result / current->count,
                   *shared_result % current->count * 1000 / current->count);
        }
        printf("\n");
        fflush(stdout);
    }
    unlink("bench.file");
    return 0;
}
