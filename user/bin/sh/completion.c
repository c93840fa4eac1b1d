// Completion: commands where a command is expected, names of files elsewhere.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sh.h"

struct found {
    char **list;  // ends with NULL
    size_t count;
};

static void add_candidate(struct found *found, const char *before, const char *name,
                          const char *after) {
    char *text = need(malloc(strlen(before) + strlen(name) + strlen(after) + 1));
    sprintf(text, "%s%s%s", before, name, after);
    found->list = need(realloc(found->list, (found->count + 2) * sizeof(char *)));
    found->list[found->count++] = text;
    found->list[found->count] = NULL;
}

static int is_directory_path(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

// The files of `folder` whose names begin with `prefix`, with `before` in front.
static void add_files(struct found *found, const char *folder, const char *before,
                      const char *prefix, int programs) {
    DIR *directory = opendir(*folder ? folder : ".");
    size_t length = strlen(prefix);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (strncmp(entry->d_name, prefix, length) != 0) continue;
        if (entry->d_name[0] == '.' && prefix[0] != '.') continue;
        size_t room = strlen(folder) + strlen(entry->d_name) + 2;
        char *path = need(malloc(room));
        snprintf(path, room, "%s%s%s", folder, *folder ? "/" : "", entry->d_name);
        int is_directory = is_directory_path(path);
        if (!programs || !is_directory)
            add_candidate(found, before, entry->d_name, is_directory ? "/" : " ");
        free(path);
    }
    if (directory) closedir(directory);
}

static void add_commands(struct found *found, const char *prefix) {
    const char *path = get_variable("PATH");
    while (path) {
        size_t length = strcspn(path, ":");
        char *folder = need(strndup(path, length));
        add_files(found, folder, "", prefix, 1);
        free(folder);
        path = path[length] ? path + length + 1 : NULL;
    }
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_without_doubles(struct found *found) {
    size_t kept = 0;
    if (found->count == 0) return;
    qsort(found->list, found->count, sizeof(char *), by_text);
    for (size_t i = 0; i < found->count; i++) {
        if (kept > 0 && strcmp(found->list[kept - 1], found->list[i]) == 0) free(found->list[i]);
        else found->list[kept++] = found->list[i];
    }
    found->list[kept] = NULL;
}

static int command_is_expected(const char *line, size_t start) {
    while (start > 0 && line[start - 1] == ' ') start--;
    return start == 0 || strchr(";|&({`", line[start - 1]) != NULL;
}

char **completions(const char *line, size_t end, size_t *start) {
    struct found found = {NULL, 0};
    size_t begin = end;
    while (begin > 0 && !strchr(" ;|&<>()`=", line[begin - 1])) begin--;
    *start = begin;
    char *word = need(strndup(line + begin, end - begin));
    char *slash = strrchr(word, '/');
    if (!slash && command_is_expected(line, begin)) {
        add_commands(&found, word);
    } else if (!slash) {
        add_files(&found, "", "", word, 0);
    } else {
        char *before = need(strndup(word, (size_t)(slash - word) + 1));
        char *folder = need(strndup(word, slash == word ? 1 : (size_t)(slash - word)));
        add_files(&found, folder, before, slash + 1, 0);
        free(before);
        free(folder);
    }
    free(word);
    sort_without_doubles(&found);
    return found.list ? found.list : need(calloc(1, sizeof(char *)));
}
