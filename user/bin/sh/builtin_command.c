// command and type: what a name stands for, and running it as what it is besides a function.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

static int is_program(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *find_in_path(const char *name) {
    if (strchr(name, '/')) return is_program(name) ? need(strdup(name)) : NULL;
    const char *path = get_variable("PATH");
    while (path) {
        size_t length = strcspn(path, ":");
        char *candidate = need(malloc(length + strlen(name) + 2));
        sprintf(candidate, "%.*s%s%s", (int)length, path, length > 0 ? "/" : "", name);
        if (is_program(candidate)) return candidate;
        free(candidate);
        path = path[length] ? path + length + 1 : NULL;
    }
    return NULL;
}

enum wordiness { BRIEF, IN_WORDS };

// 0, or 127 if the name stands for nothing.
static int describe(const char *name, enum wordiness how) {
    const char *kind = find_function(name)  ? " is a shell function"
                       : find_builtin(name) ? " is a shell builtin"
                                            : NULL;
    if (kind) {
        printf("%s%s\n", name, how == BRIEF ? "" : kind);
        return 0;
    }
    char *path = find_in_path(name);
    if (!path) {
        if (how == IN_WORDS) printf("%s: not found\n", name);
        return 127;
    }
    if (how == BRIEF) printf("%s\n", path);
    else printf("%s is %s\n", name, path);
    free(path);
    return 0;
}

int builtin_type(int argc, char **argv) {
    int status = 0;
    for (int i = 1; i < argc; i++) status |= describe(argv[i], IN_WORDS);
    return status;
}

// A program in a process of its own; the node is for messages about the job.
static int run_program(int argc, char **argv) {
    struct word *words = need(calloc((size_t)argc, sizeof(*words)));
    for (int i = 0; i < argc; i++) {
        words[i].text = argv[i];
        words[i].next = i + 1 < argc ? &words[i + 1] : NULL;
    }
    struct node node = {.type = NODE_SIMPLE, .line = shell.line, .words = words};
    struct stage stage = {&node, argv};
    int status = run_pipeline(&stage, 1, FOREGROUND);
    free(words);
    return status;
}

int builtin_command(int argc, char **argv) {
    int first = 1;
    if (argc > 1 && (strcmp(argv[1], "-v") == 0 || strcmp(argv[1], "-V") == 0)) {
        return argc > 2 ? describe(argv[2], argv[1][1] == 'v' ? BRIEF : IN_WORDS) : 0;
    }
    if (argc > 1 && (strcmp(argv[1], "-p") == 0 || strcmp(argv[1], "--") == 0)) first = 2;
    if (first >= argc) return 0;
    const struct builtin *builtin = find_builtin(argv[first]);
    if (builtin) return builtin->run(argc - first, argv + first);
    return run_program(argc - first, argv + first);
}
