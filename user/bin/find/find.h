// The parts of find: the expression is parsed once (expression.c) into a tree of nodes, each of
// them one test (tests.c), action (actions.c) or connective; find.c walks and evaluates it.
#pragma once

#include "util.h"

struct node;
typedef int evaluator(struct node *node, const struct walk_entry *entry);

struct node {
    evaluator *evaluate;
    struct node *left, *right;  // of connectives
    const char *text;           // of -name and the like
    int sign;                   // '+', '-' or 0 in front of the number
    long long number, unit;
    struct timespec time;  // of -newer and -mtime
    char **command;        // of -exec, up to ";" or "{} +"
    int words;
    char **batch;  // the command, and the paths that -exec ... + has collected
    size_t collected, collected_bytes;
    struct node *next_batch;
};

struct find_state {
    long long least_depth, most_depth;
    int directories_last;  // by -depth or -delete
    int acts;              // there is an action: no -print of its own accord
    int pruned;            // by -prune, for this file
    int status;
    struct node *batches;  // all -exec ... +
};
extern struct find_state state;

// Parses the arguments up to the end; NULL if there are none. Does not return if they are wrong.
struct node *parse_expression(char **arguments);

evaluator name_fits, name_fits_without_case, path_fits, type_is, size_is, is_newer, days_are,
    permissions_fit, is_empty;
evaluator print_path, delete_file, prune_directory, execute, collect;
void execute_batches(void);  // what -exec ... + has collected and not run yet
