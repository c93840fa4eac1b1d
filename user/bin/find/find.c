// find: walks through directories and evaluates an expression for every file it meets.
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "find.h"

static const struct utility self = {
    "find",
    "Usage: find [DIRECTORY]... [EXPRESSION]\n"
    "Evaluate EXPRESSION (-print without one) for each file in each DIRECTORY and below.\n\n"
    "  -name PATTERN, -iname PATTERN  the last component of the path fits; without case\n"
    "  -path PATTERN                  the whole path fits\n"
    "  -type [bcdflps]                the kind of file\n"
    "  -size [+-]N[bckMG]             its size in units, rounded up: over, under or exactly N\n"
    "  -newer FILE, -mtime [+-]N      changed later than FILE; N days ago\n"
    "  -empty                         a file or a directory with nothing in it\n"
    "  -perm MODE, -perm -MODE        exactly, at least these permissions\n"
    "  -print, -print0                print the path, and a newline or a zero byte\n"
    "  -exec COMMAND {} \\;            run COMMAND with the path for {}; holds if it succeeds\n"
    "  -exec COMMAND {} +             the same with many paths at once\n"
    "  -delete                        remove the file (a directory after what is in it)\n"
    "  -prune                         do not go into this directory\n"
    "  -maxdepth N, -mindepth N       only so far below, only so far and further\n"
    "  -depth                         a directory after what is in it\n"
    "  ( E ), ! E, E1 -a E2, E1 -o E2 group, not, and (also without -a), or\n",
    1};

struct find_state state = {.most_depth = LLONG_MAX};

static struct node *expression;

static void evaluate(const struct walk_entry *entry) {
    if (entry->depth < state.least_depth || entry->depth > state.most_depth)
        return;
    int holds = !expression || expression->evaluate(expression, entry);
    if (holds && !state.acts)
        puts(entry->path);
}

static enum walk_answer visit(const struct walk_entry *entry, void *context) {
    (void)context;
    state.pruned = 0;
    switch (entry->event) {
        case WALK_FAILED:
            errno = entry->error;
            complain_errno("'%s'", entry->path);
            state.status = 1;
            break;
        case WALK_ENTER:
            if (!state.directories_last)
                evaluate(entry);
            if (entry->depth >= state.most_depth) {
                if (state.directories_last)  // There will be no WALK_LEAVE.
                    evaluate(entry);
                return WALK_PRUNE;
            }
            break;
        case WALK_LEAVE:
            if (state.directories_last)
                evaluate(entry);
            break;
        default: evaluate(entry);
    }
    return state.pruned && !state.directories_last ? WALK_PRUNE : WALK_ON;
}

int main(int argc, char **argv) {
    int first = 1;
    utility_start(&self);
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(self.usage, stdout);
        return finish(0);
    }
    while (first < argc && argv[first][0] != '-' && strcmp(argv[first], "(") != 0 &&
           strcmp(argv[first], "!") != 0)
        first++;
    expression = parse_expression(argv + first);
    if (first == 1)
        walk(".", visit, NULL);
    for (int i = 1; i < first; i++)
        walk(argv[i], visit, NULL);
    execute_batches();
    return finish(state.status);
}
