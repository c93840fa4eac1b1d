// chmod: changes the permission bits of files, given in octal or as "u+x,go-w".
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "chmod",
    "Usage: chmod [-Rcfv] MODE FILE...\n"
    "Change the permissions of each FILE to MODE: octal, or [ugoa][-+=][rwxXst],...\n\n"
    "  -R  and of all that is in a directory\n"
    "  -c  tell what has been changed\n"
    "  -f  no messages about files that cannot be changed\n"
    "  -v  tell of every file\n",
    1};

static const char *mode_text;
static int recursive, silent, status;
static enum { TELL_NOTHING, TELL_CHANGES, TELL_ALL } telling;

static void fail(const char *words, const char *path) {
    if (!silent)
        complain_errno(words, path);
    status = 1;
}

static void tell(const char *path, mode_t before, mode_t after) {
    char old[11], new[11];
    mode_string(before, old);
    mode_string(after, new);
    if (before == after && telling == TELL_ALL)
        printf("mode of '%s' retained as %04o (%s)\n", path, before, old + 1);
    else if (before != after)
        printf("mode of '%s' changed from %04o (%s) to %04o (%s)\n", path, before, old + 1, after,
               new + 1);
}

// A directory keeps its set-ID bits, which its files inherit, unless they are named: by letters, or by
// a number with a digit more.
static mode_t new_mode(mode_t old) {
    mode_t mode;
    parse_mode(mode_text, old, &mode);
    int is_short_number = isdigit((unsigned char)*mode_text) && strlen(mode_text) < 5;
    return (mode & 07777) | (S_ISDIR(old) && is_short_number ? old & 06000 : 0);
}

static void change(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return fail("cannot access '%s'", path);
    mode_t mode = new_mode(st.st_mode);
    if (chmod(path, mode) != 0)
        return fail("changing permissions of '%s'", path);
    if (telling)
        tell(path, st.st_mode & 07777, mode);
}

static enum walk_answer visit(const struct walk_entry *entry, void *context) {
    (void)context;
    if (entry->event == WALK_FAILED) {
        errno = entry->error;
        fail(entry->st ? "cannot read directory '%s'" : "cannot access '%s'", entry->path);
    } else if (entry->event != WALK_LEAVE && !S_ISLNK(entry->st->st_mode)) {
        change(entry->path);
    }
    return WALK_ON;
}

int main(int argc, char **argv) {
    int letter;
    mode_t ignored;
    utility_start(&self);
    // "chmod -x file": that is a mode, though it looks like an option with an argument.
    while ((letter = next_option(argc, argv, "Rcfvr::w::x::X::s::t::")) != -1) {
        switch (letter) {
            case 'R': recursive = 1; break;
            case 'c': telling = TELL_CHANGES; break;
            case 'f': silent = 1; break;
            case 'v': telling = TELL_ALL; break;
            default: mode_text = argv[optind - 1];
        }
    }
    if (!mode_text && optind < argc)
        mode_text = argv[optind++];
    if (!mode_text)
        bad_usage("missing operand");
    if (optind == argc)
        bad_usage("missing operand after '%s'", mode_text);
    if (parse_mode(mode_text, 0, &ignored) != 0)
        bad_usage("invalid mode: '%s'", mode_text);
    for (int i = optind; i < argc; i++) {
        if (recursive)
            walk(argv[i], visit, NULL);
        else
            change(argv[i]);
    }
    return finish(status);
}
