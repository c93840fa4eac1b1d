// Copying bytes, files and trees, for cat, cp, mv and tee.
// Interface: util.h. A copied file gets the source's permissions less the umask, as with cp(1);
// with COPY_PRESERVE owner, exact permissions and times as well.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

int write_all(int fd, const void *data, size_t size) {
    const char *next = data;
    while (size > 0) {
        ssize_t written = write(fd, next, size);
        if (written < 0)
            return -1;
        next += written;
        size -= written;
    }
    return 0;
}

enum copy_result copy_bytes(int from, int to) {
    static char buffer[65536];
    ssize_t size;
    while ((size = read(from, buffer, sizeof buffer)) > 0)
        if (write_all(to, buffer, size) != 0)
            return COPY_WRITE_FAILED;
    return size == 0 ? COPY_DONE : COPY_READ_FAILED;
}

static int preserve(const char *to, const struct stat *st) {
    struct timespec times[2] = {st->st_atim, st->st_mtim};
    // Only root may give files away; who cannot keeps the copy without a word, as cp does.
    int given = lchown(to, st->st_uid, st->st_gid) == 0;
    mode_t mode = st->st_mode & (given ? 07777 : 0777);
    if ((!S_ISLNK(st->st_mode) && chmod(to, mode) != 0) ||
        utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW) != 0) {
        complain_errno("preserving attributes of '%s'", to);
        return 1;
    }
    return 0;
}

static int copy_contents(int in, const char *from, const char *to, const struct stat *st,
                         int flags) {
    mode_t mode = st->st_mode & 0777;
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, mode);
    if (out < 0 && (flags & COPY_FORCE) && unlink(to) == 0)
        out = open(to, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (out < 0) {
        complain_errno("cannot create regular file '%s'", to);
        return 1;
    }
    enum copy_result result = copy_bytes(in, out);
    if (result == COPY_READ_FAILED)
        complain_errno("error reading '%s'", from);
    else if (result == COPY_WRITE_FAILED)
        complain_errno("error writing '%s'", to);
    if (close(out) != 0 && result == COPY_DONE) {
        complain_errno("error writing '%s'", to);
        return 1;
    }
    return result != COPY_DONE;
}

static int copy_regular(const char *from, const char *to, const struct stat *st, int flags) {
    int in = open(from, O_RDONLY);
    if (in < 0) {
        complain_errno("cannot open '%s' for reading", from);
        return 1;
    }
    int status = copy_contents(in, from, to, st, flags);
    close(in);
    return status;
}

static int copy_link(const char *from, const char *to, int flags) {
    char target[PATH_MAX];
    ssize_t length = readlink(from, target, sizeof target - 1);
    if (length < 0) {
        complain_errno("cannot read symbolic link '%s'", from);
        return 1;
    }
    target[length] = '\0';
    if (flags & COPY_FORCE)
        unlink(to);
    if (symlink(target, to) != 0) {
        complain_errno("cannot create symbolic link '%s'", to);
        return 1;
    }
    return 0;
}

static int copy_special(const char *to, const struct stat *st) {
    if (mknod(to, st->st_mode, st->st_rdev) == 0)
        return 0;
    complain_errno("cannot create special file '%s'", to);
    return 1;
}

static int copy_directory(const char *from, const char *to, const struct stat *st, int flags) {
    int made = mkdir(to, (st->st_mode & 0777) | S_IRWXU) == 0;
    if (!made && (errno != EEXIST || !is_directory(to))) {
        complain_errno("cannot create directory '%s'", to);
        return 1;
    }
    struct name_list list;
    if (read_names(from, &list) != 0) {
        complain_errno("cannot access '%s'", from);
        return 1;
    }
    int status = 0;
    for (size_t i = 0; i < list.count; i++) {
        char *source = join_path(from, list.names[i]), *copy = join_path(to, list.names[i]);
        status |= copy_tree(source, copy, flags);
        free(source);
        free(copy);
    }
    free_names(&list);
    // While it was filled its owner needed all rights; now it gets what the source has.
    if (made && (st->st_mode & S_IRWXU) != S_IRWXU) {
        mode_t mask = umask(0);
        umask(mask);
        chmod(to, st->st_mode & 0777 & ~mask);
    }
    return status;
}

int copy_tree(const char *from, const char *to, int flags) {
    struct stat st, old;
    if ((flags & COPY_RECURSIVE ? lstat : stat)(from, &st) != 0) {
        complain_errno("cannot stat '%s'", from);
        return 1;
    }
    int exists = lstat(to, &old) == 0;
    if (exists && S_ISDIR(st.st_mode) && !is_directory(to)) {
        complain("cannot overwrite non-directory '%s' with directory '%s'", to, from);
        return 1;
    }
    if (exists && !S_ISDIR(st.st_mode) && S_ISDIR(old.st_mode)) {
        complain("cannot overwrite directory '%s' with non-directory", to);
        return 1;
    }
    int status;
    if (S_ISDIR(st.st_mode))
        status = copy_directory(from, to, &st, flags);
    else if (S_ISREG(st.st_mode) || !(flags & COPY_RECURSIVE))
        status = copy_regular(from, to, &st, flags);
    else if (S_ISLNK(st.st_mode))
        status = copy_link(from, to, flags);
    else
        status = copy_special(to, &st);
    if (status == 0 && (flags & COPY_PRESERVE))
        status = preserve(to, &st);
    return status;
}

int for_each_target(int count, char **operands, int (*one)(const char *from, const char *to)) {
    const char *target = operands[count - 1];
    int into = is_directory(target);
    if (!into && count > 2) {
        struct stat st;
        if (stat(target, &st) == 0)
            errno = ENOTDIR;
        die_errno("target '%s'", target);
    }
    int status = 0;
    for (int i = 0; i < count - 1; i++) {
        if (!into) {
            status |= one(operands[i], target);
            continue;
        }
        char *from = strip_slashes(operands[i]);
        char *to = join_path(target, last_component(from));
        status |= one(operands[i], to);
        free(from);
        free(to);
    }
    return status;
}
