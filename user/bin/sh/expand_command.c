// Command substitution: the output of a command, without the newlines at its end.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"

static char *read_all(int fd) {
    size_t used = 0, room = 256;
    char *text = need(malloc(room));
    for (;;) {
        ssize_t length = read(fd, text + used, room - used - 1);
        if (length < 0 && errno == EINTR) continue;
        if (length <= 0) break;
        used += (size_t)length;
        if (used + 1 == room) text = need(realloc(text, room *= 2));
    }
    while (used > 0 && text[used - 1] == '\n') used--;
    text[used] = 0;
    return text;
}

static _Noreturn void run_substitution(const char *command, const int ends[2]) {
    jobs_forget();
    close(ends[0]);
    if (ends[1] != STDOUT_FILENO) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[1]);
    }
    run_text(command);
    shell_exit(shell.status);
}

void expand_command(struct fields *fields, const char *command, int quoted) {
    int ends[2];
    pid_t pid = -1;
    if (pipe(ends) == 0 && (pid = fork()) == 0) run_substitution(command, ends);
    if (pid < 0) {
        report_error(2, "Cannot fork");
        fatal(2);
        fields->failed = 1;
        return;
    }
    close(ends[1]);
    char *text = read_all(ends[0]);
    close(ends[0]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    shell.substitution = exit_status(status);
    field_text(fields, text, quoted);
    free(text);
}
