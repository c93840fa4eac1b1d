// Running compound commands: in the shell itself, with their redirections around them.
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

int is_compound(const struct node *node) {
    return node->type == NODE_GROUP || node->type >= NODE_IF;
}

// After a round: whether the loop ends, because of break, return or ^C.
static int leaves_loop(void) {
    if (shell.interrupted || shell.unwinding == OUT_OF_CALL) return 1;
    if (!shell.unwinding) return 0;
    if (--shell.unwind_loops > 0) return 1;
    int ends = shell.unwinding == OUT_OF_LOOP;
    shell.unwinding = NOWHERE;
    return ends;
}

static int run_loop(const struct node *node, int tested) {
    int status = 0;
    shell.loops++;
    for (;;) {
        int condition = run_tree(node->left, 1);
        int unwinds = shell.unwinding || shell.interrupted;
        if (!unwinds && (condition == 0) == node->negated) break;
        if (!unwinds) status = run_tree(node->right, tested);
        if (leaves_loop()) break;
    }
    shell.loops--;
    return shell.unwinding || shell.interrupted ? shell.status : status;
}

static int run_for(const struct node *node, int tested) {
    size_t count = 0;
    static const struct word all = {"\"$@\"", NULL};
    char **items = expand_words(node->all_arguments ? &all : node->words->next, &count);
    int status = 0;
    if (!items) return 2;
    shell.loops++;
    for (size_t i = 0; i < count; i++) {
        if (set_variable(node->words->text, items[i]) < 0) {
            status = fatal(2);
            break;
        }
        status = run_tree(node->right, tested);
        if (leaves_loop()) break;
    }
    shell.loops--;
    free_list(items);
    return status;
}

static int matches(const struct word *patterns, const char *subject) {
    for (; patterns; patterns = patterns->next) {
        char *pattern = expand_pattern(patterns->text, 0);
        int found = fnmatch(pattern, subject, 0) == 0;
        free(pattern);
        if (found) return 1;
    }
    return 0;
}

static int run_case(const struct node *node, int tested) {
    char *subject = expand_text(node->words->text);
    int status = subject ? 0 : 2;
    for (const struct case_item *item = node->cases; subject && item; item = item->next) {
        if (!matches(item->patterns, subject)) continue;
        if (item->body) status = run_tree(item->body, tested);
        break;
    }
    free(subject);
    return status;
}

static int run_if(const struct node *node, int tested) {
    int condition = run_tree(node->left, 1);
    if (shell.unwinding || shell.interrupted) return shell.status;
    if (condition == 0) return run_tree(node->right, tested);
    if (!node->otherwise) return 0;
    return node->otherwise->type == NODE_IF ? run_if(node->otherwise, tested)
                                            : run_tree(node->otherwise, tested);
}

static int run_body(const struct node *node, int tested) {
    switch (node->type) {
    case NODE_IF: return run_if(node, tested);
    case NODE_LOOP: return run_loop(node, tested);
    case NODE_FOR: return run_for(node, tested);
    case NODE_CASE: return run_case(node, tested);
    case NODE_FUNCTION: return define_function(node);
    default: return run_tree(node->left, tested);
    }
}

int run_compound(const struct node *node, int tested) {
    struct saved_fd *fds = NULL;
    shell.line = node->line;
    int status = redirect(node->redirections, &fds) < 0 ? 2 : run_body(node, tested);
    restore_fds(fds);
    return status;
}
