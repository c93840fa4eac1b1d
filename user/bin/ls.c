// ls: lists directories. It reads all names, examines each with lstat(2) if the options need it,
// sorts, and prints one name per line, or columns on a terminal, or the long form.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "ls",
    "Usage: ls [-1AadFhilRrSt] [FILE]...\n"
    "List each FILE, or what is in it if it is a directory (the current one without FILE).\n\n"
    "  -1  one name per line (the default unless the output is a terminal)\n"
    "  -A  names that begin with a dot too\n"
    "  -a  also . and ..\n"
    "  -d  directories themselves, not what is in them\n"
    "  -F  mark names: / directory, * program, @ link, | pipe, = socket\n"
    "  -h  with -l, sizes such as 1.5K\n"
    "  -i  with the inode number\n"
    "  -l  type, permissions, links, owner, group, size and time\n"
    "  -R  and what is in each directory below\n"
    "  -r  in reverse order\n"
    "  -S  the largest first\n"
    "  -t  the youngest first\n",
    2};

struct item {
    char *name;  // as printed
    char *path;  // as the system calls want it
    struct stat st;
};

struct items {
    struct item *all;
    size_t count;
};

static struct {
    int all, almost_all, directories, human, inode, long_form, marks, recursive, reverse, columns;
    char sort;  // 'S', 't' or 0 for names
} option;
static int status;

static void add(struct items *items, const char *name, char *path, const struct stat *st) {
    items->all = need_memory(items->all, (items->count + 1) * sizeof(struct item));
    items->all[items->count++] = (struct item){need_copy(name), path, *st};
}

static void free_items(struct items *items) {
    for (size_t i = 0; i < items->count; i++) {
        free(items->all[i].name);
        free(items->all[i].path);
    }
    free(items->all);
}

static int compare(const void *left, const void *right) {
    const struct item *a = left, *b = right;
    long long order = 0;
    if (option.sort == 'S')
        order = b->st.st_size - a->st.st_size;
    else if (option.sort == 't' && !(order = b->st.st_mtim.tv_sec - a->st.st_mtim.tv_sec))
        order = b->st.st_mtim.tv_nsec - a->st.st_mtim.tv_nsec;
    if (order == 0)
        order = strcmp(a->name, b->name);
    order = option.reverse ? -order : order;
    return (order > 0) - (order < 0);
}

static int decimal_width(unsigned long long number) {
    return snprintf(NULL, 0, "%llu", number);
}

static void widen(int *width, int needed) {
    if (*width < needed)
        *width = needed;
}

struct widths {
    int inode, links, user, group, size, major;
};

static const char *size_text(const struct item *item, char text[16]) {
    if (option.human)
        return human_size(item->st.st_size, text);
    snprintf(text, 16, "%llu", (unsigned long long)item->st.st_size);
    return text;
}

static int is_device(const struct item *item) {
    return S_ISCHR(item->st.st_mode) || S_ISBLK(item->st.st_mode);
}

static struct widths measure(const struct items *items) {
    struct widths w = {0};
    int minor_width = 0;
    char text[16];
    for (const struct item *i = items->all; i < items->all + items->count; i++) {
        widen(&w.inode, decimal_width(i->st.st_ino));
        widen(&w.links, decimal_width(i->st.st_nlink));
        widen(&w.user, strlen(user_name(i->st.st_uid)));
        widen(&w.group, strlen(group_name(i->st.st_gid)));
        if (is_device(i)) {
            widen(&w.major, decimal_width(major(i->st.st_rdev)));
            widen(&minor_width, decimal_width(minor(i->st.st_rdev)));
        } else {
            widen(&w.size, strlen(size_text(i, text)));
        }
    }
    if (minor_width)
        widen(&w.size, w.major + 2 + minor_width);
    return w;
}

static void print_long(const struct item *item, const struct widths *w) {
    static const long long half_a_year = 31556952 / 2;
    char mode[11], text[16], date[32];
    mode_string(item->st.st_mode, mode);
    printf("%s %*lu %-*s", mode, w->links, (unsigned long)item->st.st_nlink, w->user,
           user_name(item->st.st_uid));
    printf(" %-*s ", w->group, group_name(item->st.st_gid));
    if (is_device(item))
        printf("%*u, %*u", w->major, major(item->st.st_rdev), w->size - w->major - 2,
               minor(item->st.st_rdev));
    else
        printf("%*s", w->size, size_text(item, text));
    time_t now = time(NULL), when = item->st.st_mtim.tv_sec;
    int recent = when <= now && now - when < half_a_year;
    strftime(date, sizeof date, recent ? "%b %e %H:%M" : "%b %e  %Y", localtime(&when));
    printf(" %s ", date);
}

static void print_mark(mode_t mode) {
    if (option.marks && type_indicator(mode))
        putchar(type_indicator(mode));
}

static void print_name(const struct item *item) {
    char target[PATH_MAX];
    struct stat st;
    fputs(item->name, stdout);
    if (!option.long_form || !S_ISLNK(item->st.st_mode)) {
        print_mark(item->st.st_mode);
        return;
    }
    ssize_t length = readlink(item->path, target, sizeof target);
    printf(" -> %.*s", (int)(length < 0 ? 0 : length), target);
    if (stat(item->path, &st) == 0)
        print_mark(st.st_mode);
}

static int printed_width(const struct item *item, const struct widths *w) {
    return (option.inode ? w->inode + 1 : 0) + strlen(item->name) +
           (option.marks && type_indicator(item->st.st_mode));
}

// Columns of one width, filled downwards, as many as the terminal holds.
static void print_columns(const struct items *items, const struct widths *w) {
    struct winsize window = {0};
    int width = 0;
    for (size_t i = 0; i < items->count; i++)
        widen(&width, printed_width(&items->all[i], w));
    width += 2;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
        window.ws_col = 80;
    size_t columns = window.ws_col / width ? window.ws_col / width : 1;
    size_t rows = (items->count + columns - 1) / columns;
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = row; i < items->count; i += rows) {
            const struct item *item = &items->all[i];
            if (option.inode)
                printf("%*llu ", w->inode, (unsigned long long)item->st.st_ino);
            print_name(item);
            if (i + rows < items->count)
                printf("%*s", width - printed_width(item, w), "");
        }
        putchar('\n');
    }
}

static void print_items(struct items *items) {
    if (items->count > 1)
        qsort(items->all, items->count, sizeof(struct item), compare);
    struct widths w = measure(items);
    if (option.columns) {
        print_columns(items, &w);
        return;
    }
    for (size_t i = 0; i < items->count; i++) {
        if (option.inode)
            printf("%*llu ", w.inode, (unsigned long long)items->all[i].st.st_ino);
        if (option.long_form)
            print_long(&items->all[i], &w);
        print_name(&items->all[i]);
        putchar('\n');
    }
}

static void print_total(const struct items *items) {
    unsigned long long bytes = 0;
    char text[16];
    for (size_t i = 0; i < items->count; i++)
        bytes += items->all[i].st.st_blocks * 512ULL;
    if (option.human)
        printf("total %s\n", human_size(bytes, text));
    else
        printf("total %llu\n", bytes / 1024);
}

static void add_entry(struct items *items, const char *directory, const char *name) {
    struct stat st;
    char *path = join_path(directory, name);
    if (lstat(path, &st) == 0) {
        add(items, name, path, &st);
        return;
    }
    complain_errno("cannot access '%s'", path);
    status = 1;
    free(path);
}

static void list_directory(const char *directory, int with_heading) {
    static int sections;
    struct name_list list;
    struct items items = {0};
    if (read_names(directory, &list) != 0) {
        complain_errno("cannot open directory '%s'", directory);
        status = status ? status : 1;
        return;
    }
    if (with_heading)
        printf(sections ? "\n%s:\n" : "%s:\n", directory);
    sections++;
    if (option.all) {
        add_entry(&items, directory, ".");
        add_entry(&items, directory, "..");
    }
    for (size_t i = 0; i < list.count; i++)
        if (list.names[i][0] != '.' || option.all || option.almost_all)
            add_entry(&items, directory, list.names[i]);
    free_names(&list);
    if (option.long_form)
        print_total(&items);
    print_items(&items);
    for (size_t i = 0; option.recursive && i < items.count; i++) {
        struct item *item = &items.all[i];
        if (S_ISDIR(item->st.st_mode) && strcmp(item->name, ".") != 0 &&
            strcmp(item->name, "..") != 0)
            list_directory(item->path, 1);
    }
    free_items(&items);
}

// Files among the operands come first, together; then each directory.
static void list_operands(int count, char **operands) {
    struct items files = {0}, directories = {0};
    for (int i = 0; i < count; i++) {
        struct stat st;
        // A link to a directory is followed, except by the options that look at the link itself.
        int look_at_link = option.directories || option.long_form || option.marks;
        if ((look_at_link || stat(operands[i], &st) != 0) && lstat(operands[i], &st) != 0) {
            complain_errno("cannot access '%s'", operands[i]);
            status = 2;
            continue;
        }
        int inside = S_ISDIR(st.st_mode) && !option.directories;
        add(inside ? &directories : &files, operands[i], need_copy(operands[i]), &st);
    }
    if (files.count)
        print_items(&files);
    if (files.count && directories.count)
        putchar('\n');
    if (directories.count > 1)
        qsort(directories.all, directories.count, sizeof(struct item), compare);
    for (size_t i = 0; i < directories.count; i++)
        list_directory(directories.all[i].path, count > 1 || option.recursive);
    free_items(&files);
    free_items(&directories);
}

int main(int argc, char **argv) {
    int letter;
    utility_start(&self);
    option.columns = isatty(STDOUT_FILENO);
    while ((letter = next_option(argc, argv, "1AadFhilRrSt")) != -1) {
        switch (letter) {
            case '1': option.columns = 0; break;
            case 'A': option.almost_all = 1; break;
            case 'a': option.all = 1; break;
            case 'd': option.directories = 1; break;
            case 'F': option.marks = 1; break;
            case 'h': option.human = 1; break;
            case 'i': option.inode = 1; break;
            case 'l': option.long_form = 1; break;
            case 'R': option.recursive = 1; break;
            case 'r': option.reverse = 1; break;
            default: option.sort = letter;
        }
    }
    if (option.long_form)
        option.columns = 0;
    if (optind == argc)
        list_operands(1, (char *[]){"."});
    else
        list_operands(argc - optind, argv + optind);
    return finish(status);
}
