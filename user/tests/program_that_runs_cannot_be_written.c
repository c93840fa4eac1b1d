// A program that runs cannot be opened for writing or truncated, and a file that is open for writing
// cannot be run (ETXTBSY); once the one is over, the other can be.
// not-on-qemu-user: there the emulator is the program that runs
#include "check.h"

static void copy_program(const char *to) {
    char buffer[4096];
    int in = (int)CHECK_OK(open("/proc/self/exe", O_RDONLY));
    int out = (int)CHECK_OK(open(to, O_WRONLY | O_CREAT | O_EXCL, 0755));
    for (long count; (count = CHECK_OK(read(in, buffer, sizeof buffer))) > 0;)
        CHECK_IS(write(out, buffer, (size_t)count), count);
    CHECK_OK(close(in));
    CHECK_OK(close(out));
}

static void run(void) {
    execl("./program", "program", "sleep", NULL);
    _exit(errno == ETXTBSY ? 26 : 127);
}

static int running(pid_t child) {
    char link[64], path[256];
    snprintf(link, sizeof link, "/proc/%d/exe", child);
    long size = readlink(link, path, sizeof path);
    return size > 8 && memcmp(path + size - 8, "/program", 8) == 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "sleep") == 0) {
        nap(20000);
        return 1;
    }
    enter_scratch();
    copy_program("program");
    int fd = (int)CHECK_OK(open("program", O_WRONLY));
    CHECK_IS(status_of(run), W_EXITCODE(26, 0));
    CHECK_OK(close(fd));

    pid_t child = start_child(run);
    while (!running(child)) nap(1);
    CHECK_FAILS(open("program", O_WRONLY), ETXTBSY);
    CHECK_FAILS(open("program", O_RDWR), ETXTBSY);
    CHECK_FAILS(open("program", O_RDONLY | O_TRUNC), ETXTBSY);
    CHECK_FAILS(truncate("program", 0), ETXTBSY);
    CHECK_OK(close((int)CHECK_OK(open("program", O_RDONLY))));
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
    CHECK_OK(close((int)CHECK_OK(open("program", O_WRONLY))));
    return 0;
}
