// Paths, directory listings and the walk over a tree that find, rm, du, chmod and grep share.
// Interface: util.h. The walk reads a directory to its end before it visits the first entry, so a
// visitor may remove what it is shown, and never more than one directory is open.
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

char *join_path(const char *directory, const char *name) {
    size_t length = strlen(directory);
    const char *slash = length > 0 && directory[length - 1] == '/' ? "" : "/";
    size_t size = length + strlen(name) + 2;
    char *path = need_memory(NULL, size);
    snprintf(path, size, "%s%s%s", directory, slash, name);
    return path;
}

const char *last_component(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *strip_slashes(const char *path) {
    char *copy = need_copy(path);
    size_t length = strlen(copy);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = '\0';
    return copy;
}

int is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int read_names(const char *directory, struct name_list *list) {
    *list = (struct name_list){0};
    DIR *stream = opendir(directory);
    if (!stream)
        return -1;
    struct dirent *entry;
    size_t room = 0;
    while (errno = 0, (entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (list->count == room) {
            room = room ? 2 * room : 16;
            list->names = need_memory(list->names, room * sizeof(char *));
        }
        list->names[list->count++] = need_copy(entry->d_name);
    }
    int error = errno;
    closedir(stream);
    if (error) {
        free_names(list);
        errno = error;
        return -1;
    }
    return 0;
}

void free_names(struct name_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    *list = (struct name_list){0};
}

static void walk_from(const char *path, int depth, walk_visitor *visit, void *context) {
    struct stat st;
    struct walk_entry entry = {.path = path, .st = &st, .depth = depth};
    entry.name = path[1] ? last_component(path) : path;
    if (lstat(path, &st) != 0) {
        entry.event = WALK_FAILED;
        entry.error = errno;
        entry.st = NULL;
        visit(&entry, context);
        return;
    }
    entry.event = S_ISDIR(st.st_mode) ? WALK_ENTER : WALK_FILE;
    if (visit(&entry, context) == WALK_PRUNE || !S_ISDIR(st.st_mode))
        return;
    struct name_list list;
    if (read_names(path, &list) != 0) {
        entry.event = WALK_FAILED;
        entry.error = errno;
        visit(&entry, context);
    }
    for (size_t i = 0; i < list.count; i++) {
        char *child = join_path(path, list.names[i]);
        walk_from(child, depth + 1, visit, context);
        free(child);
    }
    free_names(&list);
    entry.event = WALK_LEAVE;
    visit(&entry, context);
}

void walk(const char *path, walk_visitor *visit, void *context) {
    walk_from(path, 0, visit, context);
}

static enum walk_answer remove_visited(const struct walk_entry *entry, void *context) {
    int *status = context;
    if (entry->event == WALK_ENTER)
        return WALK_ON;
    if (entry->event == WALK_FAILED)
        errno = entry->error;
    else if ((entry->event == WALK_LEAVE ? rmdir(entry->path) : unlink(entry->path)) == 0)
        return WALK_ON;
    // A directory that stayed because something in it stayed needs no second message.
    if (!(entry->event == WALK_LEAVE && *status != 0 && errno == ENOTEMPTY))
        complain_errno("cannot remove '%s'", entry->path);
    *status = 1;
    return WALK_ON;
}

int remove_tree(const char *path) {
    int status = 0;
    walk(path, remove_visited, &status);
    return status;
}
