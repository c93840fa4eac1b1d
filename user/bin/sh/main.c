// The shell's beginning and end: options, the interactive loop, scripts, errors.
//     sh [-efsux] [-c command [name [argument...]] | file [argument...]]
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

struct shell shell = {.name = "sh", .line = 1};

int report_error(int status, const char *format, ...) {
    va_list arguments;
    fflush(stdout);
    fprintf(stderr, "%s: %d: ", shell.name, shell.line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\n", stderr);
    return status;
}

void shell_exit(int status) {
    shell.status = status;
    run_exit_trap();
    fflush(stdout);
    exit(status);
}

int fatal(int status) {
    if (!shell.interactive) shell_exit(status);
    return status;
}

void *need(void *memory) {
    if (!memory) shell_exit(report_error(2, "Out of space"));
    return memory;
}

// After a syntax error or ^C: an interactive shell asks again.
static void recover(struct source *source) {
    shell.status = source->interrupted ? 130 : 2;
    if (source->interrupted) fputs("\n", stderr);
    else if (!source->interactive) fatal(2);
    source_forget_line(source);
}

int run_source(struct source *source) {
    int status = 0;
    enum parse_result result;
    do {
        struct parser parser = {.source = source, .arena = arena_new()};
        struct node *tree;
        if (source->interactive) {
            const char *prompt = get_variable("PS1");
            source->prompt = prompt ? prompt : "$ ";
            shell.interrupted = 0;
            jobs_report(0);
        }
        result = parse_line(&parser, &tree);
        if (result == PARSE_FAILED || source->interrupted) {
            recover(source);
            status = shell.status;
            if (source->interactive) result = PARSE_LINE;
        } else if (tree) {
            status = run_tree(tree, 0);
        }
        arena_free(parser.arena);
    } while (result == PARSE_LINE && !shell.unwinding &&
             (source->interactive || !shell.interrupted));
    return status;
}

int run_text(const char *text) {
    struct source source;
    source_from_text(&source, text);
    source.line = shell.line;
    int status = run_source(&source);
    source_close(&source);
    return status;
}

// The script's descriptor is moved away from those that scripts use themselves.
static int open_script(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
    return moved;
}

int run_file(const char *path) {
    struct source source;
    int fd = open_script(path);
    if (fd < 0) {
        return report_error(127, "cannot open %s: %s", path,
                            errno == ENOENT ? "No such file" : strerror(errno));
    }
    source_from_file(&source, fd);
    int status = run_source(&source);
    source_close(&source);
    close(fd);
    return status;
}

static int run_standard_input(void) {
    struct source source;
    source_from_file(&source, STDIN_FILENO);
    source.interactive = shell.interactive;
    if (shell.interactive) jobs_start();
    const char *terminal = get_variable("TERM");
    source.edited = shell.interactive && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) &&
                    terminal && *terminal && strcmp(terminal, "dumb") != 0;
    int status = run_source(&source);
    if (shell.interactive) fputs("\n", stderr);
    return status;
}

// Options in front; returns the index of the first other argument. -c, -s and -i go to *kind.
static int parse_options(int argc, char **argv, char *kind) {
    int i = 1;
    for (; i < argc && (argv[i][0] == '-' || argv[i][0] == '+') && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0) return i + 1;
        if (strcmp(argv[i], "--help") == 0) {
            puts("Usage: sh [-efsux] [-c COMMAND [NAME [ARGUMENT]...] | FILE [ARGUMENT]...]");
            shell_exit(0);
        }
        for (const char *letter = argv[i] + 1; *letter; letter++) {
            if (strchr("cis", *letter)) *kind = *letter;
            else if (set_option(*letter, argv[i][0] == '-') != 0) shell_exit(2);
        }
    }
    return i;
}

int main(int argc, char **argv) {
    char kind = 0;
    char directory[4096];
    shell.pid = getpid();
    import_environment(environ);
    if (getcwd(directory, sizeof(directory))) set_variable("PWD", directory);
    set_variable("IFS", " \t\n");
    int next = parse_options(argc, argv, &kind);
    const char *subject = next < argc && kind != 's' ? argv[next++] : NULL;
    if (kind == 'c') {
        if (!subject) shell_exit(report_error(2, "-c requires an argument"));
        if (next < argc) shell.name = argv[next++];
    } else if (subject) {
        shell.name = subject;
    }
    shell.arguments = argv + next;
    shell.argument_count = argc - next;
    int status;
    if (kind == 'c') {
        status = run_text(subject);
    } else if (subject) {
        status = run_file(subject);
    } else {
        shell.interactive = kind == 'i' || isatty(STDIN_FILENO);
        status = run_standard_input();
    }
    shell_exit(status);
}
