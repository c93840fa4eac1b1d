// Commands that run in the shell itself, because they change it or are needed often.
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

static int run_true(int argc, char **argv) {
    (void)argc, (void)argv;
    return 0;
}

static int run_false(int argc, char **argv) {
    (void)argc, (void)argv;
    return 1;
}

// A whole number that is not negative, or -1 after a message.
static int parse_count(const char *command, const char *text) {
    char *end;
    long value = strtol(text, &end, 10);
    if (isdigit((unsigned char)*text) && *end == 0 && value <= INT_MAX) return (int)value;
    return report_error(-1, "%s: Illegal number: %s", command, text);
}

static int run_exit(int argc, char **argv) {
    int status = argc > 1 ? parse_count("exit", argv[1]) : shell.status;
    if (status < 0) return fatal(2);
    shell_exit(status & 255);
}

static int run_cd(int argc, char **argv) {
    const char *target = argc > 1 ? argv[1] : get_variable("HOME");
    int back = argc > 1 && strcmp(argv[1], "-") == 0;
    if (back) target = get_variable("OLDPWD");
    if (!target || *target == 0) return argc > 1 && !back ? 0 : report_error(2, "cd: no directory");
    if (chdir(target) < 0) return report_error(2, "cd: can't cd to %s", target);
    char path[PATH_MAX];
    const char *old = get_variable("PWD");
    if (old) set_variable("OLDPWD", old);
    if (getcwd(path, sizeof(path))) set_variable("PWD", path);
    if (back) puts(path);
    return 0;
}

static int run_pwd(int argc, char **argv) {
    (void)argc, (void)argv;
    char path[PATH_MAX];
    if (!getcwd(path, sizeof(path))) return report_error(1, "pwd: %s", strerror(errno));
    puts(path);
    return 0;
}

// Prints one escape of echo, text at the backslash; returns what follows, NULL for \c.
static const char *print_escape(const char *text) {
    static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
    const char *letter = text[1] ? strchr(letters, text[1]) : NULL;
    if (text[1] == 'c') return NULL;
    if (text[1] == '0') {
        int value = 0, digits = 0;
        for (text += 2; digits < 3 && *text >= '0' && *text <= '7'; digits++) {
            value = value * 8 + (*text++ - '0');
        }
        putchar(value);
        return text;
    }
    putchar(letter ? values[letter - letters] : '\\');
    return text + 1 + (letter != NULL);
}

static int run_echo(int argc, char **argv) {
    int newline = !(argc > 1 && strcmp(argv[1], "-n") == 0);
    for (int i = newline ? 1 : 2; i < argc; i++) {
        for (const char *text = argv[i]; *text;) {
            if (*text != '\\') putchar(*text++);
            else if (!(text = print_escape(text))) return 0;
        }
        if (i + 1 < argc) putchar(' ');
    }
    if (newline) putchar('\n');
    // On a terminal's stream the last line has been written, or not, by putchar already.
    if (fflush(stdout) == 0 && !ferror(stdout)) return 0;
    int error = errno;
    clearerr(stdout);
    return report_error(1, "echo: %s", strerror(error));
}

static int run_eval(int argc, char **argv) {
    size_t size = 1;
    for (int i = 1; i < argc; i++) size += strlen(argv[i]) + 1;
    char *text = need(calloc(1, size));
    for (int i = 1; i < argc; i++) {
        strcat(text, argv[i]);
        if (i + 1 < argc) strcat(text, " ");
    }
    int status = run_text(text);
    free(text);
    return status;
}

static int run_dot(int argc, char **argv) {
    if (argc < 2) return 0;
    if (access(argv[1], R_OK) < 0) {
        report_error(2, ".: cannot open %s: %s", argv[1],
                     errno == ENOENT ? "No such file" : strerror(errno));
        return fatal(2);
    }
    shell.calls++;
    int status = run_file(argv[1]);
    shell.calls--;
    if (shell.unwinding == OUT_OF_CALL) shell.unwinding = NOWHERE;
    return status;
}

// break and continue: out of so many loops, as far as there are any.
static int unwind_loops(int argc, char **argv, enum unwinding how) {
    int count = argc > 1 ? parse_count(argv[0], argv[1]) : 1;
    if (count < 1) return count < 0 ? fatal(2) : fatal(report_error(2, "Illegal number: 0"));
    if (shell.loops == 0) return 0;
    shell.unwind_loops = count < shell.loops ? count : shell.loops;
    shell.unwinding = how;
    return 0;
}

static int run_break(int argc, char **argv) {
    return unwind_loops(argc, argv, OUT_OF_LOOP);
}

static int run_continue(int argc, char **argv) {
    return unwind_loops(argc, argv, NEXT_ROUND);
}

static int run_return(int argc, char **argv) {
    int status = argc > 1 ? parse_count("return", argv[1]) : shell.status;
    if (status < 0) return fatal(2);
    if (shell.calls == 0) return fatal(status);
    shell.unwinding = OUT_OF_CALL;
    return status;
}

static int run_exec(int argc, char **argv) {
    if (argc < 2) return 0;
    jobs_forget();
    exec_command(argv + 1);
}

static void print_quoted(const char *prefix, const struct variable *variable) {
    printf("%s%s", prefix, variable->name);
    if (variable->value) {
        printf("='");
        for (const char *p = variable->value; *p; p++) {
            if (*p == '\'') printf("'\"'\"'");
            else putchar(*p);
        }
        putchar('\'');
    }
    putchar('\n');
}

static void print_exported(const struct variable *variable) {
    if (variable->exported) print_quoted("export ", variable);
}

static void print_read_only(const struct variable *variable) {
    if (variable->read_only) print_quoted("readonly ", variable);
}

static void print_set(const struct variable *variable) {
    if (variable->value) print_quoted("", variable);
}

// export and readonly: name or name=value.
static int mark_variables(int argc, char **argv, int read_only) {
    if (argc == 1 || strcmp(argv[1], "-p") == 0) {
        for_each_variable(read_only ? print_read_only : print_exported);
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        size_t length = name_length(argv[i]);
        if (length == 0 || (argv[i][length] != 0 && argv[i][length] != '=')) {
            report_error(2, "%s: %s: bad variable name", argv[0], argv[i]);
            return fatal(2);
        }
        if (argv[i][length] == '=' && assign(argv[i]) < 0) return fatal(2);
        char *name = need(strndup(argv[i], length));
        struct variable *variable = find_variable(name);
        int was_exported = variable && variable->exported;
        variable = export_variable(name);
        if (read_only) {
            variable->exported = was_exported;
            variable->read_only = 1;
        }
        free(name);
    }
    return 0;
}

static int run_export(int argc, char **argv) {
    return mark_variables(argc, argv, 0);
}

static int run_readonly(int argc, char **argv) {
    return mark_variables(argc, argv, 1);
}

static int run_unset(int argc, char **argv) {
    int functions = argc > 1 && strcmp(argv[1], "-f") == 0;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') continue;
        if (functions) unset_function(argv[i]);
        else if (unset_variable(argv[i]) < 0) return fatal(2);
    }
    return 0;
}

int set_option(char letter, int on) {
    switch (letter) {
    case 'e': shell.exit_on_error = on; return 0;
    case 'f': shell.no_glob = on; return 0;
    case 'u': shell.unset_is_error = on; return 0;
    case 'x': shell.trace = on; return 0;
    default: return report_error(2, "Illegal option %c%c", on ? '-' : '+', letter);
    }
}

static int run_set(int argc, char **argv) {
    if (argc == 1) {
        for_each_variable(print_set);
        return 0;
    }
    int i = 1;
    for (; i < argc && (argv[i][0] == '-' || argv[i][0] == '+') && argv[i][1]; i++) {
        if (strcmp(argv[i], "--") == 0) break;
        for (const char *letter = argv[i] + 1; *letter; letter++) {
            if (set_option(*letter, argv[i][0] == '-') != 0) return fatal(2);
        }
    }
    int only = i < argc && strcmp(argv[i], "--") == 0;
    if (only || i < argc) set_arguments(argc - i - only, argv + i + only);
    return 0;
}

static int run_shift(int argc, char **argv) {
    int count = argc > 1 ? parse_count("shift", argv[1]) : 1;
    if (count < 0) return fatal(2);
    if (count > shell.argument_count) {
        report_error(2, "shift: can't shift that many");
        return fatal(2);
    }
    set_arguments(shell.argument_count - count, shell.arguments + count);
    return 0;
}

static int run_umask(int argc, char **argv) {
    if (argc == 1) {
        mode_t mask = umask(0);
        umask(mask);
        printf("%04o\n", (unsigned)mask);
        return 0;
    }
    char *end;
    unsigned long mask = strtoul(argv[1], &end, 8);
    if (!isdigit((unsigned char)argv[1][0]) || *end || mask > 07777) {
        return report_error(2, "umask: Illegal number: %s", argv[1]);
    }
    umask((mode_t)mask);
    return 0;
}

static int run_wait(int argc, char **argv) {
    int status = argc == 1 ? wait_for_all() : 0;
    for (int i = 1; i < argc && !shell.interrupted; i++) {
        struct job *job = find_job(argv[i]);
        status = job ? job_wait_background(job) : 127;
    }
    if (shell.interrupted) fputs("\n", stderr);  // behind the ^C of the terminal
    return status;
}

static int run_jobs(int argc, char **argv) {
    (void)argc, (void)argv;
    jobs_report(1);
    return 0;
}

static int resume(int argc, char **argv, enum place place) {
    struct job *job = find_job(argc > 1 ? argv[1] : "%%");
    if (!shell.interactive) return report_error(2, "%s: job control is off", argv[0]);
    if (!job) return report_error(2, "%s: No such job: %s", argv[0], argc > 1 ? argv[1] : "%%");
    return job_resume(job, place);
}

static int run_fg(int argc, char **argv) {
    return resume(argc, argv, FOREGROUND);
}

static int run_bg(int argc, char **argv) {
    return resume(argc, argv, BACKGROUND);
}

static const struct builtin builtins[] = {
    {":", run_true, 1},
    {".", run_dot, 1},
    {"[", builtin_test, 0},
    {"bg", run_bg, 0},
    {"break", run_break, 1},
    {"cd", run_cd, 0},
    {"command", builtin_command, 0},
    {"continue", run_continue, 1},
    {"echo", run_echo, 0},
    {"eval", run_eval, 1},
    {"exec", run_exec, 1},
    {"exit", run_exit, 1},
    {"export", run_export, 1},
    {"false", run_false, 0},
    {"fg", run_fg, 0},
    {"jobs", run_jobs, 0},
    {"kill", builtin_kill, 0},
    {"local", builtin_local, 0},
    {"pwd", run_pwd, 0},
    {"read", builtin_read, 0},
    {"readonly", run_readonly, 1},
    {"return", run_return, 1},
    {"set", run_set, 1},
    {"shift", run_shift, 1},
    {"test", builtin_test, 0},
    {"trap", builtin_trap, 1},
    {"true", run_true, 0},
    {"type", builtin_type, 0},
    {"umask", run_umask, 0},
    {"unset", run_unset, 1},
    {"wait", run_wait, 0},
};

const struct builtin *find_builtin(const char *name) {
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++) {
        if (strcmp(builtins[i].name, name) == 0) return &builtins[i];
    }
    return NULL;
}
