// Paths: the working directory, resolved names, halves of names, temporary files.
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libc.h"

char *getcwd(char *buf, size_t size) {
    char *result = buf;
    if (!buf) {
        if (size == 0) size = PATH_MAX;
        if (!(result = malloc(size))) return NULL;
    } else if (size == 0) {
        errno = EINVAL;
        return NULL;
    }
    if (sys_getcwd(result, size) >= 0) return result;
    if (!buf) free(result);
    return NULL;
}

// Takes the last component away from an absolute path.
static size_t parent_length(const char *path, size_t length) {
    while (length > 0 && path[length - 1] != '/') length--;
    return length > 1 ? length - 1 : 1;
}

// Replaces the rest of the path by target/rest; -1 if that is too long.
static int push_target(char rest[PATH_MAX], const char *target) {
    char joined[PATH_MAX];
    if (snprintf(joined, sizeof(joined), "%s/%s", target, rest) >= (int)sizeof(joined)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(rest, joined);
    return 0;
}

// Resolves `rest` onto `done` (absolute, without links).
static int resolve(char done[PATH_MAX], char rest[PATH_MAX]) {
    int links = 0;
    while (*rest) {
        size_t size = strcspn(rest, "/");
        char component[NAME_MAX + 1], target[PATH_MAX];
        if (size > NAME_MAX || strlen(done) + size + 2 > PATH_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(component, rest, size);
        component[size] = 0;
        memmove(rest, rest + size + (rest[size] == '/'), strlen(rest + size) + (rest[size] == 0));
        size_t length = strlen(done);
        if (size == 0 || strcmp(component, ".") == 0) continue;
        if (strcmp(component, "..") == 0) {
            done[parent_length(done, length)] = 0;
            continue;
        }
        if (done[length - 1] != '/') done[length++] = '/';
        strcpy(done + length, component);
        ssize_t target_length = readlink(done, target, sizeof(target) - 1);
        if (target_length < 0) {
            if (errno != EINVAL) return -1;  // EINVAL: there, and no link
            continue;
        }
        target[target_length] = 0;
        if (++links > SYMLOOP_MAX) {
            errno = ELOOP;
            return -1;
        }
        done[parent_length(done, length)] = 0;
        if (*target == '/') strcpy(done, "/");
        if (push_target(rest, target) < 0) return -1;
    }
    return 0;
}

char *realpath(const char *path, char *resolved) {
    char done[PATH_MAX], rest[PATH_MAX];
    struct stat st;
    if (stat(path, &st) < 0) return NULL;
    if (strlcpy(rest, path, sizeof(rest)) >= sizeof(rest)) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    if (*path == '/') strcpy(done, "/");
    else if (!getcwd(done, sizeof(done))) return NULL;
    if (resolve(done, rest) < 0) return NULL;
    return resolved ? strcpy(resolved, done) : strdup(done);
}

char *basename(char *path) {
    if (!path || *path == 0) return ".";
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') path[--length] = 0;
    char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

char *dirname(char *path) {
    if (!path || *path == 0) return ".";
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') length--;
    while (length > 0 && path[length - 1] != '/') length--;
    while (length > 1 && path[length - 1] == '/') length--;
    if (length == 0) return ".";
    path[length] = 0;
    return path;
}

// Fills the six X at the end of a template; 0 or -1.
static int fill_template(char *template) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(template);
    unsigned char bytes[6];
    if (length < 6 || strspn(template + length - 6, "X") != 6) {
        errno = EINVAL;
        return -1;
    }
    if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes)) return -1;
    for (int i = 0; i < 6; i++) template[length - 6 + (size_t)i] = letters[bytes[i] % 36];
    return 0;
}

int mkstemp(char *template) {
    char *end = template + strlen(template) - 6;
    for (int attempt = 0; attempt < 100; attempt++) {
        if (fill_template(template) < 0) return -1;
        int fd = open(template, O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd >= 0 || errno != EEXIST) return fd;
        memset(end, 'X', 6);
    }
    return -1;
}

char *mkdtemp(char *template) {
    char *end = template + strlen(template) - 6;
    for (int attempt = 0; attempt < 100; attempt++) {
        if (fill_template(template) < 0) return NULL;
        if (mkdir(template, 0700) == 0) return template;
        if (errno != EEXIST) return NULL;
        memset(end, 'X', 6);
    }
    return NULL;
}
