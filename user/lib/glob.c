// Path names that match a pattern. The pattern is taken component by component: a component without
// special characters is only appended, one with them is matched against its directory.
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
    glob_t *result;
    int flags;
    int (*on_error)(const char *, int);
    char path[PATH_MAX];
};

static int add(struct search *s, const char *path, int is_directory) {
    glob_t *g = s->result;
    size_t index = g->gl_offs + g->gl_pathc;
    char **grown = realloc(g->gl_pathv, (index + 2) * sizeof(char *));
    if (!grown) return GLOB_NOSPACE;
    g->gl_pathv = grown;
    size_t length = strlen(path);
    char *copy = malloc(length + 2);
    if (!copy) return GLOB_NOSPACE;
    memcpy(copy, path, length);
    int mark = is_directory && (s->flags & GLOB_MARK) && length > 0 && path[length - 1] != '/';
    if (mark) copy[length++] = '/';
    copy[length] = 0;
    grown[index] = copy;
    grown[index + 1] = NULL;
    g->gl_pathc++;
    return 0;
}

static int has_special(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\') i++;
        else if (text[i] == '*' || text[i] == '?' || text[i] == '[') return 1;
    }
    return 0;
}

// Copies a component without its quoting backslashes; the new length, or 0 if it does not fit.
static size_t unquote(char *to, size_t room, const char *from, size_t length, int flags) {
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (from[i] == '\\' && i + 1 < length && !(flags & GLOB_NOESCAPE)) i++;
        if (used + 1 >= room) return 0;
        to[used++] = from[i];
    }
    to[used] = 0;
    return used;
}

static int search(struct search *s, size_t length, const char *pattern);

// The path so far is complete up to `length`; the pattern has ended.
static int finish_search(struct search *s, size_t length) {
    struct stat st;
    s->path[length] = 0;
    if (lstat(s->path, &st) < 0) return 0;
    if (S_ISLNK(st.st_mode)) stat(s->path, &st);
    return add(s, s->path, S_ISDIR(st.st_mode));
}

static int search_directory(struct search *s, size_t length, const char *pattern, size_t size) {
    char component[NAME_MAX * 2 + 1];
    if (size >= sizeof(component)) return 0;
    memcpy(component, pattern, size);
    component[size] = 0;
    s->path[length] = 0;
    DIR *dir = opendir(length > 0 ? s->path : ".");
    if (!dir) {
        int stop = (s->on_error && s->on_error(s->path, errno)) || (s->flags & GLOB_ERR);
        return stop && errno != ENOTDIR && errno != ENOENT ? GLOB_ABORTED : 0;
    }
    int result = 0;
    int match_flags = FNM_PERIOD | (s->flags & GLOB_NOESCAPE ? FNM_NOESCAPE : 0);
    for (struct dirent *entry; result == 0 && (entry = readdir(dir));) {
        size_t name_length = strlen(entry->d_name);
        if (length + name_length + 2 > sizeof(s->path)) continue;
        if (fnmatch(component, entry->d_name, match_flags) != 0) continue;
        if (pattern[size] == '/' && entry->d_type != DT_DIR && entry->d_type != DT_LNK &&
            entry->d_type != DT_UNKNOWN) {
            continue;
        }
        memcpy(s->path + length, entry->d_name, name_length);
        result = search(s, length + name_length, pattern + size);
    }
    closedir(dir);
    return result;
}

static int search(struct search *s, size_t length, const char *pattern) {
    for (; *pattern == '/'; pattern++) {
        if (length + 2 > sizeof(s->path)) return 0;
        s->path[length++] = '/';
    }
    if (*pattern == 0) return finish_search(s, length);
    size_t size = strcspn(pattern, "/");
    if (has_special(pattern, size)) return search_directory(s, length, pattern, size);
    size_t used = unquote(s->path + length, sizeof(s->path) - length, pattern, size, s->flags);
    return used == 0 ? 0 : search(s, length + used, pattern + size);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int glob(const char *pattern, int flags, int (*on_error)(const char *, int), glob_t *result) {
    struct search s = {.result = result, .flags = flags, .on_error = on_error};
    if (!(flags & GLOB_DOOFFS)) result->gl_offs = 0;
    if (!(flags & GLOB_APPEND)) {
        result->gl_pathc = 0;
        result->gl_pathv = NULL;
    }
    size_t before = result->gl_pathc;
    int error = search(&s, 0, pattern);
    if (error) return error;
    if (result->gl_pathc == before) {
        if (!(flags & GLOB_NOCHECK)) return GLOB_NOMATCH;
        return add(&s, pattern, 0);
    }
    char **first = result->gl_pathv + result->gl_offs + before;
    if (!(flags & GLOB_NOSORT)) qsort(first, result->gl_pathc - before, sizeof(char *), by_name);
    return 0;
}

void globfree(glob_t *result) {
    for (size_t i = 0; i < result->gl_pathc; i++) free(result->gl_pathv[result->gl_offs + i]);
    free(result->gl_pathv);
    result->gl_pathv = NULL;
    result->gl_pathc = 0;
}
