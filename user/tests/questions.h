// Questions about wrong arguments: each is one system call, made as it stands, and the answer that Linux
// gives. All are asked; those that are answered otherwise are listed, and fail the test.
#pragma once

#include "check.h"

#define BAD ((long)KERNEL_ADDRESS)
#define LOW 16l  // an address in the first page, where nothing is
#define P(pointer) ((long)(pointer))

static int wrong_answers;

static inline void ask_with(const char *file, int line, const char *text, long expected,
                            long number, const long arguments[6]) {
    errno = 0;
    long seen = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                        arguments[4], arguments[5]);
    if (seen == -1 && errno != 0) seen = -errno;
    if (seen == expected) return;
    wrong_answers++;
    const char *name = seen < 0 ? strerror((int)-seen) : "no error";
    const char *wanted = expected < 0 ? strerror((int)-expected) : "no error";
    dprintf(STDERR_FILENO, "%s:%d: %s: expected %ld (%s), saw %ld (%s)\n", file, line, text,
            expected, wanted, seen, name);
}

// ASK(-EBADF, close, -1);
#define ASK(expected, name, ...)                                                                   \
    ask_with(__FILE__, __LINE__, #name "(" #__VA_ARGS__ ")", expected, SYS_##name,                 \
             (const long[6]){__VA_ARGS__})

static inline int all_answered(void) {
    return wrong_answers ? 1 : 0;
}
