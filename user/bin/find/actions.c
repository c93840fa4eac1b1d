// The actions of find.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "find.h"

int print_path(struct node *node, const struct walk_entry *entry) {
    fputs(entry->path, stdout);
    putchar(node->number);
    return 1;
}

int delete_file(struct node *node, const struct walk_entry *entry) {
    (void)node;
    if (strcmp(entry->path, ".") == 0)
        return 1;
    if ((S_ISDIR(entry->st->st_mode) ? rmdir : unlink)(entry->path) == 0)
        return 1;
    complain_errno("cannot delete '%s'", entry->path);
    state.status = 1;
    return 0;
}

int prune_directory(struct node *node, const struct walk_entry *entry) {
    (void)node;
    (void)entry;
    state.pruned = 1;
    return 1;
}

static int run(char **arguments) {
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        die_errno("cannot fork");
    if (child == 0)
        _exit(exec_failed(arguments));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// The word with every {} replaced by the path; to be freed.
static char *substitute(const char *word, const char *path) {
    size_t size = 1;
    for (const char *p = word; *p; p++)
        size += strncmp(p, "{}", 2) == 0 ? strlen(path) : 1;
    char *result = need_memory(NULL, size), *end = result;
    while (*word) {
        if (strncmp(word, "{}", 2) == 0) {
            end = stpcpy(end, path);
            word += 2;
        } else {
            *end++ = *word++;
        }
    }
    *end = '\0';
    return result;
}

int execute(struct node *node, const struct walk_entry *entry) {
    char **arguments = need_memory(NULL, (node->words + 1) * sizeof *arguments);
    for (int i = 0; i < node->words; i++)
        arguments[i] = substitute(node->command[i], entry->path);
    arguments[node->words] = NULL;
    int succeeded = run(arguments);
    for (int i = 0; i < node->words; i++)
        free(arguments[i]);
    free(arguments);
    return succeeded;
}

static void execute_batch(struct node *node) {
    if (node->collected == 0)
        return;
    node->batch[node->words + node->collected] = NULL;
    if (!run(node->batch))
        state.status = 1;
    for (size_t i = 0; i < node->collected; i++)
        free(node->batch[node->words + i]);
    node->collected = 0;
    node->collected_bytes = 0;
}

// Well below what exec(2) takes: 128 KiB for arguments and environment.
static const size_t most_collected = 1000, most_collected_bytes = 64 * 1024;

int collect(struct node *node, const struct walk_entry *entry) {
    if (!node->batch) {
        node->next_batch = state.batches;
        state.batches = node;
        node->batch = need_memory(NULL, (node->words + most_collected + 1) * sizeof *node->batch);
        memcpy(node->batch, node->command, node->words * sizeof *node->batch);
    }
    node->batch[node->words + node->collected++] = need_copy(entry->path);
    node->collected_bytes += strlen(entry->path) + 1;
    if (node->collected == most_collected || node->collected_bytes > most_collected_bytes)
        execute_batch(node);
    return 1;
}

void execute_batches(void) {
    for (struct node *node = state.batches; node; node = node->next_batch)
        execute_batch(node);
}
