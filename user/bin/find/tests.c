// The tests of find.
#include <errno.h>
#include <fnmatch.h>

#include "find.h"

static int compare_number(const struct node *node, long long value) {
    return node->sign == '+'   ? value > node->number
           : node->sign == '-' ? value < node->number
                               : value == node->number;
}

int name_fits(struct node *node, const struct walk_entry *entry) {
    return fnmatch(node->text, entry->name, 0) == 0;
}

int name_fits_without_case(struct node *node, const struct walk_entry *entry) {
    return fnmatch(node->text, entry->name, FNM_CASEFOLD) == 0;
}

int path_fits(struct node *node, const struct walk_entry *entry) {
    return fnmatch(node->text, entry->path, 0) == 0;
}

int type_is(struct node *node, const struct walk_entry *entry) {
    return (entry->st->st_mode & S_IFMT) == node->number;
}

int size_is(struct node *node, const struct walk_entry *entry) {
    return compare_number(node, (entry->st->st_size + node->unit - 1) / node->unit);
}

int is_newer(struct node *node, const struct walk_entry *entry) {
    const struct timespec *time = &entry->st->st_mtim;
    return time->tv_sec != node->time.tv_sec ? time->tv_sec > node->time.tv_sec
                                             : time->tv_nsec > node->time.tv_nsec;
}

int days_are(struct node *node, const struct walk_entry *entry) {
    return compare_number(node, (node->time.tv_sec - entry->st->st_mtim.tv_sec) / 86400);
}

int permissions_fit(struct node *node, const struct walk_entry *entry) {
    mode_t mode = entry->st->st_mode & 07777;
    return node->sign == '-' ? (mode & node->number) == node->number : mode == node->number;
}

int is_empty(struct node *node, const struct walk_entry *entry) {
    struct name_list list;
    (void)node;
    if (!S_ISDIR(entry->st->st_mode))
        return S_ISREG(entry->st->st_mode) && entry->st->st_size == 0;
    if (read_names(entry->path, &list) != 0)
        return 0;
    int empty = list.count == 0;
    free_names(&list);
    return empty;
}
