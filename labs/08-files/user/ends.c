// ends SEED COUNT: what the ends of pipes mean. Each scenario is drawn at random; what its calls
// returned is printed. In the end nothing is open that was not open before.
#include "lab.h"

static volatile int handled;
static unsigned char buffer[200 * 1024];

static void handler(int signal) {
    (void) signal;
    handled++;
}

static volatile int64_t* board;  // [0]: what a child's call returned, [1]: it has returned

// Runs `call` in a child that has no descriptor of the pipe but `fd`.
static pid_t start(long (*call)(int fd, size_t size), int fd, size_t size) {
    board[0] = 0, board[1] = 0;
    pid_t pid = fork();
    if (pid != 0) {
        lab_yield(30);
        return pid;
    }
    for (int other = 3; other < 20; other++) {
        if (other != fd) close(other);
    }
    board[0] = call(fd, size);
    board[1] = 1;
    _exit(0);
}

static long do_read(int fd, size_t size) { return lab_result(read(fd, buffer, size)); }

static long do_write(int fd, size_t size) { return lab_result(write(fd, buffer, size)); }

// What has become of the call: its result, the signal that killed the child, or "asleep".
static void tell(const char* what, pid_t pid) {
    int status = -1;
    lab_yield(30);
    pid_t ended = waitpid(pid, &status, WNOHANG);
    if (ended == 0 && !board[1]) {
        say(" %s asleep", what);
        return;
    }
    if (ended == 0) waitpid(pid, &status, 0);
    if (board[1])
        say(" %s %ld", what, (long) board[0]);
    else
        say(" %s killed %d", what, status & 0x7f);
}

// Without waiting: who cannot be killed in its sleep ends when the pipe is closed.
static void finish(pid_t pid) {
    kill(pid, SIGKILL);
    lab_yield(20);
    waitpid(pid, NULL, WNOHANG);
}

// Data that is left is read before the end; the end comes when the last of several writers is gone.
static void end_of_file(int* ends) {
    size_t size = lab_below(3) == 0 ? 0 : 1 + lab_below(60000);
    int copies = (int) lab_below(3), more[3];
    for (int i = 0; i < copies; i++) more[i] = dup(ends[1]);
    say(" wrote %ld", do_write(ends[1], size));
    close(ends[1]);
    if (size > 0) say(" read %ld", do_read(ends[0], 100000));
    pid_t pid = start(do_read, ends[0], 10);
    tell("reader", pid);
    for (int i = 0; i < copies; i++) {
        close(more[i]);
        tell("reader", pid);
    }
    if (!board[1]) finish(pid);
    if (!board[1]) return;
    say(" then %ld then %ld", do_read(ends[0], 100), do_read(ends[0], 100));
}

// Without readers: SIGPIPE, killed by it, ignored, or handled.
static void no_reader(int* ends) {
    uint64_t how = lab_below(3);
    size_t size = 1 + lab_below(70000);
    close(ends[0]);
    handled = 0;
    if (how == 0) lab_action(SIGPIPE, SIG_IGN, 0, 0);
    if (how == 1) lab_action(SIGPIPE, handler, SA_RESTART, 0);
    if (how <= 1) say(" write %ld handled", do_write(ends[1], size));
    if (how <= 1) say(" %d", handled);
    lab_action(SIGPIPE, SIG_DFL, 0, 0);
    if (how == 2) tell("writer", start(do_write, ends[1], size));
}

// A writer sleeps in a full pipe when its last reader goes: what it has written is written.
static void reader_goes(int* ends) {
    size_t before = lab_below(2) ? 65536 : lab_below(65536), size = 70000 + lab_below(60000);
    say(" wrote %ld", before > 0 ? do_write(ends[1], before) : 0);
    lab_action(SIGPIPE, SIG_IGN, 0, 0);
    pid_t pid = start(do_write, ends[1], size);
    tell("writer", pid);
    if (board[1]) return;
    close(ends[0]);
    lab_yield(30);
    tell("writer", pid);
    lab_action(SIGPIPE, SIG_DFL, 0, 0);
    finish(pid);
}

// A reader sleeps; bytes come, few or many; it gets what is there, at once.
static void bytes_come(int* ends) {
    size_t wanted = 1 + lab_below(100000), size = 1 + lab_below(65000);
    pid_t pid = start(do_read, ends[0], wanted);
    tell("reader", pid);
    if (board[1]) return;
    say(" wrote %ld", do_write(ends[1], size));
    tell("reader", pid);
    if (!board[1]) finish(pid);
}

// A signal comes to a sleeping reader, or to a writer that has written a part or nothing.
static void signal_comes(int* ends) {
    uint64_t reads = lab_below(2), restarts = lab_below(2);
    size_t before = lab_below(2) ? 65536 : lab_below(61000), size = 70000 + lab_below(60000);
    lab_action(SIGUSR1, handler, restarts ? SA_RESTART : 0, 0);
    if (!reads) say(" wrote %ld", before > 0 ? do_write(ends[1], before) : 0);
    pid_t pid = reads ? start(do_read, ends[0], size) : start(do_write, ends[1], size);
    kill(pid, SIGUSR1);
    tell(reads ? "reader" : "writer", pid);
    lab_action(SIGUSR1, SIG_DFL, 0, 0);
    if (!board[1]) finish(pid);
}

int main(int argc, char** argv) {
    static void (*const scenarios[])(int* ends) = {end_of_file, no_reader, reader_goes, bytes_come,
                                                   signal_comes};
    lab_begin(argc, argv);
    uint64_t count = lab_argument(argc, argv, 2);
    board = lab_shared(PAGE);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t which = lab_below(5);
        int ends[2];
        if (pipe(ends) < 0) return 1;
        say("%lu scenario %lu:", (unsigned long) i, (unsigned long) which);
        scenarios[which](ends);
        say(" .\n");
        for (int fd = 3; fd < 20; fd++) close(fd);
        lab_yield(20);
        while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    }
    lab_hold();
}
