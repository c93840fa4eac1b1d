// tee: copies standard input to standard output and to files: a T-piece for pipelines.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {"tee",
                                    "Usage: tee [-ai] [FILE]...\n"
                                    "Copy standard input to standard output and to each FILE.\n\n"
                                    "  -a  append to the FILEs\n"
                                    "  -i  ignore interrupts\n",
                                    1};

struct output {
    const char *name;
    int fd;  // -1 once it has failed
};

int main(int argc, char **argv) {
    static char buffer[16384];
    int letter, append = 0, status = 0;
    ssize_t size;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "ai")) != -1) {
        if (letter == 'a')
            append = 1;
        else
            signal(SIGINT, SIG_IGN);
    }
    int count = argc - optind + 1;
    struct output *outputs = need_memory(NULL, count * sizeof *outputs);
    outputs[0] = (struct output){"standard output", STDOUT_FILENO};
    for (int i = 1; i < count; i++) {
        const char *name = argv[optind + i - 1];
        outputs[i].name = name;
        outputs[i].fd = open(name, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0666);
        if (outputs[i].fd < 0) {
            complain_errno("%s", name);
            status = 1;
        }
    }
    while ((size = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) {
        for (int i = 0; i < count; i++) {
            if (outputs[i].fd < 0 || write_all(outputs[i].fd, buffer, size) == 0)
                continue;
            complain_errno("%s", outputs[i].name);
            outputs[i].fd = -1;
            status = 1;
        }
    }
    if (size < 0)
        die_errno("read error");
    for (int i = 1; i < count; i++) {
        if (outputs[i].fd >= 0 && close(outputs[i].fd) != 0) {
            complain_errno("%s", outputs[i].name);
            status = 1;
        }
    }
    return finish(status);
}
