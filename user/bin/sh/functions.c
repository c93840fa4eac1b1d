// Functions: their table, their calls, and the variables that are local to a call.
#include <stdlib.h>
#include <string.h>

#include "sh.h"

struct function {
    char *name;
    const struct node *body;
    struct arena *arena;  // in which the body stands
    struct function *next;
};

struct saved_variable {
    char *name, *value;  // value NULL: it was not set
    int exported;
    struct saved_variable *next;
};

static struct function *functions;
static char **owned;  // shell.arguments, once they are not main's or a caller's

void set_arguments(int count, char **arguments) {
    char **copy = need(calloc((size_t)count + 1, sizeof(char *)));
    for (int i = 0; i < count; i++) copy[i] = need(strdup(arguments[i]));
    free_list(owned);  // only now: the new ones may come from it
    owned = copy;
    shell.arguments = copy;
    shell.argument_count = count;
}

static struct saved_variable **locals;  // of the function that runs

void save_variable(const char *name, size_t length, struct saved_variable **saved) {
    struct saved_variable *entry = need(malloc(sizeof(*entry)));
    entry->name = need(strndup(name, length));
    struct variable *variable = find_variable(entry->name);
    entry->value = variable && variable->value ? need(strdup(variable->value)) : NULL;
    entry->exported = variable && variable->exported;
    entry->next = *saved;
    *saved = entry;
}

void restore_variables(struct saved_variable *saved) {
    while (saved) {
        struct saved_variable *entry = saved;
        saved = entry->next;
        if (entry->value) {
            set_variable(entry->name, entry->value);
            find_variable(entry->name)->exported = entry->exported;
        } else {
            unset_variable(entry->name);
        }
        free(entry->name);
        free(entry->value);
        free(entry);
    }
}

struct function *find_function(const char *name) {
    struct function *function = functions;
    while (function && strcmp(function->name, name) != 0) function = function->next;
    return function;
}

int unset_function(const char *name) {
    for (struct function **link = &functions; *link; link = &(*link)->next) {
        struct function *function = *link;
        if (strcmp(function->name, name) != 0) continue;
        *link = function->next;
        arena_free(function->arena);
        free(function->name);
        free(function);
        return 1;
    }
    return 0;
}

int define_function(const struct node *node) {
    unset_function(node->words->text);
    struct function *function = need(malloc(sizeof(*function)));
    function->name = need(strdup(node->words->text));
    function->body = node->left;
    function->arena = arena_keep(node->arena);
    function->next = functions;
    functions = function;
    return 0;
}

// The body may define the function anew: its arena is kept until the call ends.
int run_function(struct function *function, char **arguments, int count) {
    struct arena *arena = arena_keep(function->arena);
    const struct node *body = function->body;
    char **outer_arguments = shell.arguments, **outer_owned = owned;
    int outer_count = shell.argument_count, outer_loops = shell.loops;
    struct saved_variable *mine = NULL, **outer_locals = locals;
    locals = &mine;
    owned = NULL;
    set_arguments(count - 1, arguments + 1);
    shell.loops = 0;
    shell.calls++;
    int status = run_tree(body, shell.tested);
    shell.calls--;
    if (shell.unwinding == OUT_OF_CALL) shell.unwinding = NOWHERE;
    free_list(owned);
    owned = outer_owned;
    shell.arguments = outer_arguments;
    shell.argument_count = outer_count;
    shell.loops = outer_loops;
    restore_variables(mine);
    locals = outer_locals;
    arena_free(arena);
    return status;
}

int builtin_local(int argc, char **argv) {
    if (!locals) return report_error(2, "local: not in a function");
    for (int i = 1; i < argc; i++) {
        size_t length = name_length(argv[i]);
        if (length == 0 || (argv[i][length] != 0 && argv[i][length] != '=')) {
            return report_error(2, "local: %s: bad variable name", argv[i]);
        }
        save_variable(argv[i], length, locals);
        if (argv[i][length] == '=' && assign(argv[i]) < 0) return fatal(2);
    }
    return 0;
}
