// Arguments and environment of hundreds of kilobytes, with strings of all lengths, arrive whole.
// not-on-qemu-user: the emulator on Linux cannot start a program of many arguments again.
#include "check.h"

#define COUNT 500

static char *arguments[COUNT + 2];

static unsigned length_of(unsigned i) {
    return i * 977 % 1531;
}

// The parts of argument i differ from those of its neighbours.
static char letter_of(unsigned i, unsigned at) {
    return (char)('a' + (i + at) % 26);
}

static void exec_it(void) {
    arguments[0] = "big";
    for (unsigned i = 1; i <= COUNT; i++) {
        arguments[i] = calloc(length_of(i) + 1, 1);
        for (unsigned at = 0; at < length_of(i); at++) arguments[i][at] = letter_of(i, at);
    }
    execve((char *)getauxval(AT_EXECFN), arguments, arguments + 1);
    check_failed(__FILE__, __LINE__, "execve", strerror(errno));
}

static void look(char **words) {
    for (unsigned i = 1; i <= COUNT; i++) {
        CHECK_IS(strlen(words[i - 1]), length_of(i));
        for (unsigned at = 0; at < length_of(i); at++) CHECK_IS(words[i - 1][at], letter_of(i, at));
    }
    CHECK(words[COUNT] == NULL);
}

int main(int argc, char **argv, char **envp) {
    if (argc == COUNT + 1) {
        look(argv + 1);
        look(envp);
        return 0;
    }
    CHECK_PASSES(exec_it);
    return 0;
}
