// Redirections: done in order, and undone in the reverse order for commands that run in the shell
// itself.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

#define FIRST_PRIVATE_FD 10
#define PIPE_HOLDS 4096u  // at least

static void save(int fd, struct saved_fd **saved) {
    struct saved_fd *entry = need(malloc(sizeof(*entry)));
    entry->fd = fd;
    entry->copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE_FD);
    entry->next = *saved;
    *saved = entry;
}

void restore_fds(struct saved_fd *saved) {
    while (saved) {
        struct saved_fd *entry = saved;
        saved = entry->next;
        if (entry->copy >= 0) {
            dup2(entry->copy, entry->fd);
            close(entry->copy);
        } else {
            close(entry->fd);
        }
        free(entry);
    }
}

static void write_all(int fd, const char *text) {
    for (size_t left = strlen(text); left > 0;) {
        ssize_t done = write(fd, text, left);
        if (done < 0 && errno != EINTR) return;
        if (done > 0) text += done, left -= (size_t)done;
    }
}

// The text of a here-document comes through a pipe. What a pipe may not hold is written by a child.
static int open_here_document(const char *text) {
    int ends[2], fits = strlen(text) <= PIPE_HOLDS;
    if (pipe(ends) < 0) return report_error(-1, "Pipe call failed: %s", strerror(errno));
    pid_t writer = fits ? 0 : fork();
    if (writer < 0) {
        close(ends[0]);
        close(ends[1]);
        return report_error(-1, "Cannot fork: %s", strerror(errno));
    }
    if (writer == 0) {
        if (!fits) close(ends[0]);
        write_all(ends[1], text);
        if (!fits) _exit(0);
    }
    close(ends[1]);
    return ends[0];
}

static int open_target(const struct redirection *redirection, const char *name) {
    if (redirection->body) return open_here_document(name);
    static const int flags[] = {
        [REDIRECT_READ] = O_RDONLY,
        [REDIRECT_WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
        [REDIRECT_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
        [REDIRECT_READ_WRITE] = O_RDWR | O_CREAT,
        [REDIRECT_CLOBBER] = O_WRONLY | O_CREAT | O_TRUNC,
    };
    int fd = open(name, flags[redirection->kind], 0666);
    if (fd >= 0) return fd;
    const char *reason = strerror(errno);
    if (flags[redirection->kind] & O_CREAT) {
        if (errno == ENOENT) reason = "Directory nonexistent";
        return report_error(-1, "cannot create %s: %s", name, reason);
    }
    if (errno == ENOENT) reason = "No such file";
    return report_error(-1, "cannot open %s: %s", name, reason);
}

// BEGIN SOLUTION(files.redirect)
// n<&m, n>&m, n<&-.
static int duplicate(int fd, const char *source) {
    if (strcmp(source, "-") == 0) {
        close(fd);
        return 0;
    }
    if (*source == 0 || strspn(source, "0123456789") != strlen(source)) {
        return report_error(-1, "Bad fd number");
    }
    int from = atoi(source);
    if (from == fd ? fcntl(fd, F_GETFD) >= 0 : dup2(from, fd) >= 0) return 0;
    return report_error(-1, "%d: %s", from, strerror(errno));
}

static int redirect_one(const struct redirection *redirection, const char *target) {
    if (redirection->kind == REDIRECT_DUP_READ || redirection->kind == REDIRECT_DUP_WRITE) {
        return duplicate(redirection->fd, target);
    }
    int fd = open_target(redirection, target);
    if (fd < 0 || fd == redirection->fd) return fd < 0 ? -1 : 0;
    int result = dup2(fd, redirection->fd);
    if (result < 0) report_error(-1, "%d: %s", redirection->fd, strerror(errno));
    close(fd);
    return result < 0 ? -1 : 0;
}
// END SOLUTION
// STUB: static int redirect_one(const struct redirection *redirection, const char *target) {
// STUB:     (void)redirection, (void)target, (void)open_target;
// STUB:     return report_error(-1, "files.redirect: yours to write");
// STUB: }
// UNTIL: static int redirect_one(const struct redirection *redirection, const char *target) {
// UNTIL:     (void)redirection, (void)target, (void)open_target;
// UNTIL:     return -1;
// UNTIL: }

int redirect(const struct redirection *redirections, struct saved_fd **saved) {
    for (; redirections; redirections = redirections->next) {
        const struct redirection *r = redirections;
        char *target = r->literal ? need(strdup(r->body))
                       : r->body  ? expand_here_document(r->body)
                                  : expand_text(r->target);
        if (!target) return -1;
        if (saved) save(redirections->fd, saved);
        int result = redirect_one(redirections, target);
        free(target);
        if (result < 0) return -1;
    }
    return 0;
}
