// Walking the tree: lists, groups, subshells and simple commands.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

// name=word, with the word expanded; 0 or -1.
static int run_assignment(const char *text, int export) {
    size_t length = name_length(text);
    char *name = need(strndup(text, length));
    char *value = expand_text(text + length + 1);
    int result = value ? set_variable(name, value) : -1;
    if (result == 0 && export) export_variable(name);
    free(name);
    free(value);
    return result;
}

static int run_assignments(const struct word *words, int export, struct saved_variable **saved) {
    for (; words; words = words->next) {
        if (saved) save_variable(words->text, name_length(words->text), saved);
        if (run_assignment(words->text, export) < 0) return -1;
    }
    return 0;
}

static void trace(char **arguments) {
    if (!shell.trace) return;
    fputs("+", stderr);
    for (; *arguments; arguments++) fprintf(stderr, " %s", *arguments);
    fputs("\n", stderr);
}

// A command in the shell itself, a builtin or a function. exec keeps its redirections.
static int run_inside(const struct node *node, const struct builtin *builtin,
                      struct function *function, char **arguments, int count) {
    struct saved_fd *fds = NULL;
    struct saved_variable *variables = NULL;
    int special = builtin && builtin->special;
    int keeps = builtin && strcmp(builtin->name, "exec") == 0;
    int status = 2;
    int ready =
        redirect(node->redirections, keeps ? NULL : &fds) == 0 &&
        run_assignments(node->assignments, function != NULL, special ? NULL : &variables) == 0;
    if (ready)
        status =
            function ? run_function(function, arguments, count) : builtin->run(count, arguments);
    fflush(stdout);
    restore_variables(variables);
    restore_fds(fds);
    return !ready && special ? fatal(status) : status;
}

static int run_words(const struct node *node, char **arguments, int count) {
    if (count == 0) {
        struct saved_fd *fds = NULL;
        int failed = redirect(node->redirections, &fds) < 0;
        restore_fds(fds);
        if (failed) return 2;
        return run_assignments(node->assignments, 0, NULL) < 0 ? fatal(2) : shell.substitution;
    }
    trace(arguments);
    const struct builtin *builtin = find_builtin(arguments[0]);
    struct function *function = builtin && builtin->special ? NULL : find_function(arguments[0]);
    if (builtin || function) return run_inside(node, builtin, function, arguments, count);
    struct stage stage = {node, arguments};
    return run_pipeline(&stage, 1, FOREGROUND);
}

static int run_simple(const struct node *node) {
    size_t count;
    shell.line = node->line;
    shell.substitution = 0;
    char **arguments = expand_words(node->words, &count);
    if (!arguments) return 2;
    int status = run_words(node, arguments, (int)count);
    free_list(arguments);
    return status;
}

static int run_commands(const struct node *first, enum place place) {
    int count = 0;
    for (const struct node *command = first; command; command = command->next) count++;
    struct stage *stages = need(calloc((size_t)count, sizeof(*stages)));
    count = 0;
    for (const struct node *command = first; command; command = command->next) {
        stages[count++].node = command;
    }
    int status = run_pipeline(stages, count, place);
    free(stages);
    return status;
}

static int run_pipeline_node(const struct node *node, int tested) {
    const struct node *first = node->left;
    int alone = !first->next, inside = alone && is_compound(first), status;
    int outer_tested = shell.tested;
    shell.tested = tested || node->negated;
    if (inside) status = run_compound(first, tested || node->negated);
    else if (alone && first->type == NODE_SIMPLE) status = run_simple(first);
    else status = run_commands(first, FOREGROUND);
    shell.tested = outer_tested;
    if (node->negated) return !status;
    // Compound commands have looked inside already.
    if (status != 0 && shell.exit_on_error && !tested && !inside) shell_exit(status);
    return status;
}

static int run_background(const struct node *node) {
    if (node->type == NODE_PIPELINE && !node->negated) return run_commands(node->left, BACKGROUND);
    struct stage stage = {node, NULL};
    return run_pipeline(&stage, 1, BACKGROUND);
}

static int run_node(const struct node *node, int tested) {
    switch (node->type) {
    case NODE_SEQUENCE: run_tree(node->left, tested); return run_tree(node->right, tested);
    case NODE_AND:
        return run_tree(node->left, 1) == 0 ? run_tree(node->right, tested) : shell.status;
    case NODE_OR:
        return run_tree(node->left, 1) != 0 ? run_tree(node->right, tested) : shell.status;
    case NODE_BACKGROUND: return run_background(node->left);
    case NODE_PIPELINE: return run_pipeline_node(node, tested);
    case NODE_SUBSHELL:
    case NODE_SIMPLE: return run_commands(node, FOREGROUND);
    default: return run_compound(node, tested);
    }
}

// The status is also $? afterwards. `tested`: the status decides what comes next, so set -e does
// not end the shell.
int run_tree(const struct node *node, int tested) {
    if (shell.interrupted) return shell.status = 130;
    if (shell.unwinding) return shell.status;
    shell.status = run_node(node, tested);
    run_traps();
    return shell.status;
}

// Runs in a process of its own and ends it.
void run_stage(const struct stage *stage) {
    const struct node *node = stage->node;
    char **arguments = stage->arguments;
    size_t count;
    if (node->type == NODE_SUBSHELL) {
        if (redirect(node->redirections, NULL) < 0) shell_exit(2);
        shell_exit(run_tree(node->left, 0));
    }
    if (node->type != NODE_SIMPLE) shell_exit(run_tree(node, 0));
    if (!arguments) {
        shell.line = node->line;
        shell.substitution = 0;
        arguments = expand_words(node->words, &count);
        if (!arguments) shell_exit(2);
        if (count == 0 || find_builtin(arguments[0]) || find_function(arguments[0])) {
            shell_exit(run_words(node, arguments, (int)count));
        }
        trace(arguments);
    }
    if (redirect(node->redirections, NULL) < 0) shell_exit(2);
    if (run_assignments(node->assignments, 1, NULL) < 0) shell_exit(2);
    exec_command(arguments);
}

void exec_command(char **arguments) {
    environ = export_environment();
    execvp(arguments[0], arguments);
    int error = errno;
    int missing = error == ENOENT || error == ENOTDIR;
    if (missing) shell_exit(report_error(127, "%s: not found", arguments[0]));
    shell_exit(report_error(126, "%s: %s", arguments[0], strerror(error)));
}
