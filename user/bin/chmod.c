// chmod: changes the permission bits of files, given in octal or as "u+x,go-w".
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "chmod",
    "Usage: chmod [-R] MODE FILE...\n"
    "Change the permissions of each FILE to MODE: octal, or [ugoa][-+=][rwxXst],...\n\n"
    "  -R  and of all that is in a directory\n",
    1};

static const char *mode_text;
static int recursive, status;

static void change(const char *path) {
    struct stat st;
    mode_t mode;
    if (stat(path, &st) != 0) {
        complain_errno("cannot access '%s'", path);
        status = 1;
        return;
    }
    parse_mode(mode_text, st.st_mode, &mode);
    if (chmod(path, mode & 07777) != 0) {
        complain_errno("changing permissions of '%s'", path);
        status = 1;
    }
}

static enum walk_answer visit(const struct walk_entry *entry, void *context) {
    (void)context;
    if (entry->event == WALK_FAILED) {
        errno = entry->error;
        complain_errno(entry->st ? "cannot read directory '%s'" : "cannot access '%s'",
                       entry->path);
        status = 1;
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
    while ((letter = next_option(argc, argv, "Rr::w::x::X::s::t::")) != -1) {
        if (letter == 'R')
            recursive = 1;
        else
            mode_text = argv[optind - 1];
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
