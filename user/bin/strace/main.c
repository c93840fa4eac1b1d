// strace: shows the system calls that a program makes, by name and with what their arguments mean,
// and its signals. The kernel lets it look on by ptrace(2); the names and types are those of
// kernel/abi/syscalls.tbl.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strace.h"
#include "util.h"

static const struct utility self = {
    "strace",
    "Usage: strace [-cfy] [-e trace=LIST] [-o FILE] [-s SIZE] COMMAND [ARGUMENT]...\n"
    "  or:  strace [-cfy] [-e trace=LIST] [-o FILE] [-s SIZE] -p PID\n"
    "Run COMMAND, or watch process PID, and print each system call and signal on standard "
    "error.\n\n"
    "  -c             only count calls, errors and time\n"
    "  -e trace=LIST  only these calls: names, %file (with a path), %desc (with a descriptor);\n"
    "                 all but these: !LIST\n"
    "  -f             the children too\n"
    "  -o FILE        print to FILE\n"
    "  -p PID         watch a process that runs already, until ^C\n"
    "  -s SIZE        show SIZE bytes of a string, not 32\n"
    "  -y             show the files that descriptors stand for\n",
    1};

struct options options = {.most = 32};
FILE *out;
int out_is_file;

static volatile int detach;

static void on_ending(int signal) {
    (void)signal;
    detach = 1;
}

static void catch_endings(void) {
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = on_ending};  // no SA_RESTART: waiting ends
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) sigaction(ends[i], &action, NULL);
}

static pid_t start(char **command) {
    pid_t pid = fork();
    if (pid < 0) die_errno("cannot fork");
    if (pid == 0) {
        if (out_is_file) close(fileno(out));
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) die_errno("cannot be traced");
        raise(SIGSTOP);  // until strace has said what it wants to see
        _exit(exec_failed(command));
    }
    // What the terminal sends is meant for the program, which has it as well.
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGTSTP, SIG_IGN);
    return pid;
}

static void attach(const char *text) {
    long long pid;
    if (!parse_number(text, &pid) || pid <= 0) bad_usage("invalid process id '%s'", text);
    if (ptrace(PTRACE_ATTACH, (pid_t)pid, NULL, NULL) != 0)
        die_errno("cannot attach to process %lld", pid);
    add_tracee((pid_t)pid);
    catch_endings();
    fprintf(stderr, "strace: Process %lld attached\n", pid);
}

static void choose(char *list) {
    if (strncmp(list, "trace=", 6) == 0) list += 6;
    choose_calls(list);
}

static void open_output(const char *path) {
    out = stderr;
    if (!path) return;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out) die_errno("cannot open '%s'", path);
    out_is_file = 1;
}

static int end(int status) {
    if (options.count) print_summary();
    if (out_is_file && fclose(out) != 0) die_errno("write error");
    return finish(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

int main(int argc, char **argv) {
    int letter;
    unsigned long long size;
    const char *path = NULL, *watched = NULL;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "+ce:fo:p:s:y")) != -1) {
        switch (letter) {
        case 'c': options.count = 1; break;
        case 'e': choose(optarg); break;
        case 'f': options.follow = 1; break;
        case 'o': path = optarg; break;
        case 'p': watched = optarg; break;
        case 's':
            if (!parse_size(optarg, &size)) bad_usage("invalid size '%s'", optarg);
            options.most = size;
            break;
        case 'y': options.paths = 1; break;
        }
    }
    if ((optind == argc) == !watched)
        bad_usage(watched ? "a command and -p do not go together" : "no command, and no -p");
    open_output(path);
    if (watched) {
        attach(watched);
        return end(follow(-1, &detach));
    }
    pid_t pid = start(argv + optind);
    add_tracee(pid);
    return end(follow(pid, &detach));
}
