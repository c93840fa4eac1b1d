// goose's shell: what its files share. Text becomes tokens (lexer.c), tokens a tree (parse.c,
// parse_compound.c, parse_pipeline.c), and the tree is walked (run.c, run_compound.c,
// run_pipeline.c); words are expanded only then (expand*.c). Reference: POSIX, "Shell Command
// Language"; behaviour and exit statuses as in dash. Not there: aliases, getopts, fc.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// ---- source.c: where the text comes from ----

struct source {
    int fd;      // -1: `text` is all there is
    char *text;  // the piece being read
    size_t size, position;
    int pushed;  // a character given back, or 0
    int line;    // of the next character, from 1
    int interactive;
    int interrupted;  // ^C came while waiting for a line
    int edited;       // lines come from the line editor
    const char *prompt;
};

void source_from_text(struct source *source, const char *text);
void source_from_file(struct source *source, int fd);
void source_close(struct source *source);
void source_forget_line(struct source *source);
int source_peek(struct source *source);          // the next character, or -1 at the end
int source_next(struct source *source);          // the same, taken
void source_push(struct source *source, int c);  // gives one character back

// ---- lexer.c ----

enum token {
    TOKEN_END,
    TOKEN_NEWLINE,
    TOKEN_WORD,       // text: with its quotes
    TOKEN_IO_NUMBER,  // text: the digits right in front of a redirection
    TOKEN_PIPE,
    TOKEN_AND_IF,
    TOKEN_OR_IF,
    TOKEN_AMPERSAND,
    TOKEN_SEMICOLON,
    TOKEN_DOUBLE_SEMICOLON,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_LESS,  // the redirections, in the order of enum redirect
    TOKEN_GREAT,
    TOKEN_APPEND,
    TOKEN_LESS_AND,
    TOKEN_GREAT_AND,
    TOKEN_LESS_GREAT,
    TOKEN_HERE,
    TOKEN_HERE_TABS,
    TOKEN_CLOBBER,
};

struct parser {
    struct source *source;
    struct arena *arena;
    enum token token;                    // the current one
    char *text;                          // its text, if it has one; in the arena
    int line;                            // where it began
    int failed;                          // a syntax error has been reported
    struct redirection *here_documents;  // whose text comes with the next lines
};

void advance(struct parser *parser);  // makes the next token the current one
// Called for each redirection when its target is known: a here-document's text begins with the
// next line.
void expect_here_document(struct parser *parser, struct redirection *redirection);
// Reports "Syntax error: ..." once; returns NULL for the parse functions to return.
void *syntax_error(struct parser *parser, const char *text);
void *unexpected_token(struct parser *parser);

// ---- tree.c ----

enum redirect {
    REDIRECT_READ,        // <
    REDIRECT_WRITE,       // >
    REDIRECT_APPEND,      // >>
    REDIRECT_DUP_READ,    // <&
    REDIRECT_DUP_WRITE,   // >&
    REDIRECT_READ_WRITE,  // <>
    REDIRECT_HERE,        // <<, the text up to a line that is the target
    REDIRECT_HERE_TABS,   // <<-, without the tabs that its lines begin with
    REDIRECT_CLOBBER,     // >|
};
int usual_descriptor(enum redirect kind);  // where no number stands in front: 0 or 1

struct redirection {
    enum redirect kind;
    int fd;
    char *target;  // not expanded
    char *body;    // of a here-document
    int literal;   // its target was quoted: nothing in the body is expanded
    struct redirection *next, *next_here;
};

struct word {
    char *text;  // not expanded
    struct word *next;
};

enum node_type {
    NODE_SIMPLE,
    NODE_SUBSHELL,    // ( left )
    NODE_GROUP,       // { left }
    NODE_PIPELINE,    // commands, from `left` on by `next`
    NODE_AND,         // left && right
    NODE_OR,          // left || right
    NODE_SEQUENCE,    // left ; right
    NODE_BACKGROUND,  // left &
    NODE_IF,          // if left; then right; else otherwise; fi
    NODE_LOOP,        // while left; do right; done; until, if negated
    NODE_FOR,         // for words in the words behind; do right; done
    NODE_CASE,        // case words in cases esac
    NODE_FUNCTION,    // words () left
};

struct case_item {
    struct word *patterns;
    struct node *body;  // NULL: nothing
    struct case_item *next;
};

struct node {
    enum node_type type;
    int line;
    struct node *left, *right;
    struct node *next;                 // the next command of the same pipeline
    int negated;                       // PIPELINE: ! in front; LOOP: until
    struct word *words, *assignments;  // SIMPLE
    struct redirection *redirections;  // of commands, simple and compound
    struct node *otherwise;            // IF
    struct case_item *cases;           // CASE
    int all_arguments;                 // FOR without in: $1 and so on
    struct arena *arena;               // FUNCTION: where it stands
};

// Trees live in an arena, which is freed as a whole.
struct arena;
struct arena *arena_new(void);
struct arena *arena_keep(struct arena *arena);  // for one more arena_free
void arena_free(struct arena *arena);
void *arena_take(struct arena *arena, size_t size);  // zeroed
char *arena_copy(struct arena *arena, const char *text, size_t length);

struct node *new_node(struct parser *parser, enum node_type type);
void append_word(struct parser *parser, struct word **list, char *text);
char *command_text(const struct node *node);  // for messages; to be freed

// ---- parse.c, parse_compound.c, parse_pipeline.c ----

enum parse_result { PARSE_LINE, PARSE_END, PARSE_FAILED };
// One line with all that belongs to it; *tree is NULL for an empty one.
enum parse_result parse_line(struct parser *parser, struct node **tree);
// At '(' or a reserved word, such as "if" or a stray "}", which parse_compound then refuses.
int starts_compound(const struct parser *parser);
struct node *parse_compound(struct parser *parser);
// The rest of "name ()", at the parenthesis; refused where `name` is no plain word.
struct node *parse_function(struct parser *parser, struct node *name);
struct node *parse_inner_list(struct parser *parser);  // in a compound command, at its first token
int ends_list(const struct parser *parser);            // at a token that can only end a list
struct node *parse_pipeline(struct parser *parser);
int at_reserved(const struct parser *parser, const char *word);
void skip_newlines(struct parser *parser);

// ---- variables.c ----

struct variable {
    char *name;
    char *value;  // NULL: exported or read-only, but not set
    int exported, read_only;
    struct variable *next;
};

struct variable *find_variable(const char *name);
const char *get_variable(const char *name);             // NULL if it is not set
int set_variable(const char *name, const char *value);  // 0, or -1 if it is read-only (reported)
int assign(const char *assignment);                     // "name=value", the same
int unset_variable(const char *name);
struct variable *export_variable(const char *name);
size_t name_length(const char *text);  // of the variable name that the text begins with, or 0
void import_environment(char **environment);
char **export_environment(void);
void for_each_variable(void (*visit)(const struct variable *));

// ---- expand.c, expand_parameter.c, expand_command.c ----

struct fields {
    char **list;  // ends with NULL
    size_t count, room;
    char *text;  // the field being built; what was quoted has a \ in front
    size_t length, text_room;
    int started;      // it exists even if it is empty
    int after_space;  // ended by white space: a separator may follow
    int splitting;    // unquoted expansions are split into fields
    int here;         // a here-document: double quotes mean nothing
    int pattern;      // what an unquoted expansion gives may be special
    int failed;
};

// Arguments: split, with path names in place of patterns. NULL after an error (reported).
char **expand_words(const struct word *words, size_t *count);
// One text, not split: values of assignments and names in redirections.
char *expand_text(const char *word);
char *expand_here_document(const char *body);
char *expand_pattern(const char *word, char stop);  // what was quoted has a \ in front
void free_list(char **list);

void field_character(struct fields *fields, char c, int quoted);
void field_text(struct fields *fields, const char *text, int quoted);
void field_end(struct fields *fields);
const char *expand_part(struct fields *fields, const char *word, char stop, int quoted);
// Expands what begins with '$' at `word`; returns what follows it.
const char *expand_dollar(struct fields *fields, const char *word, int quoted);
const char *expand_backquotes(struct fields *fields, const char *word, int quoted);
void expand_command(struct fields *fields, const char *command, int quoted);
// The value of an arithmetic expression; 0, or -1 after a message.
int evaluate(const char *expression, long *value);

// ---- run.c, run_compound.c, run_pipeline.c, redirect.c, functions.c ----

enum place { FOREGROUND, BACKGROUND };

// One process of a pipeline: a tree, or arguments that have been expanded already.
struct stage {
    const struct node *node;
    char **arguments;
};

int run_tree(const struct node *node, int tested);
int is_compound(const struct node *node);  // runs in the shell itself when it is alone
int run_compound(const struct node *node, int tested);
int run_source(struct source *source);
int run_text(const char *text);
int run_file(const char *path);  // for . and /etc/rc; 127 if it cannot be opened
int run_pipeline(const struct stage *stages, int count, enum place place);
_Noreturn void run_stage(const struct stage *stage);
_Noreturn void exec_command(char **arguments);

struct saved_fd {
    int fd, copy;  // copy -1: it was not open
    struct saved_fd *next;
};
// 0, or -1 after a message. With `saved`, what was there before can be restored.
int redirect(const struct redirection *redirections, struct saved_fd **saved);
void restore_fds(struct saved_fd *saved);

struct function;
struct function *find_function(const char *name);
int define_function(const struct node *node);
int unset_function(const char *name);
int run_function(struct function *function, char **arguments, int count);
int builtin_local(int argc, char **argv);
// What a variable was before a change that holds for a while.
struct saved_variable;
void save_variable(const char *name, size_t length, struct saved_variable **saved);
void restore_variables(struct saved_variable *saved);

// ---- jobs.c ----

struct job;
void jobs_start(void);  // interactive: takes the terminal
// Signals wait from here until job_enter in the child, and job_wait or job_leave_running in the shell.
struct job *job_new(const struct stage *stages, int count);
void job_add(struct job *job, pid_t pid);
void job_enter(struct job *job, enum place place);  // in the child
int job_wait(struct job *job);                      // the exit status
int job_leave_running(struct job *job);             // 0
struct job *find_job(const char *name);             // %n or a process id
int job_resume(struct job *job, enum place place);
int job_wait_background(struct job *job);
int wait_for_all(void);
void jobs_report(int all);  // what has ended or stopped; with `all` every job
void jobs_forget(void);     // in a subshell: they are not its children
int exit_status(int wait_status);
// read(2) that goes on after other signals, and fails if ^C came, however early.
ssize_t read_unless_interrupted(int fd, void *buf, size_t size);

pid_t job_group(const char *name);  // of %n, or 0

// ---- line_editor.c, history.c, completion.c ----

// A line of the terminal with its newline, to be freed; NULL at the end, or if ^C came.
char *edit_line(const char *prompt);
void history_add(const char *line);
const char *history_line(size_t back);  // 1: the last one; NULL beyond the first
// What can stand in place of the word that ends at `end`: a list to be freed, and where the word
// begins.
char **completions(const char *line, size_t end, size_t *start);

// ---- builtins.c, builtin_test.c, builtin_read.c, builtin_trap.c, builtin_command.c ----

struct builtin {
    const char *name;
    int (*run)(int argc, char **argv);
    int special;  // an error in it ends a script
};

const struct builtin *find_builtin(const char *name);
int set_option(char letter, int on);  // set -letter; 2 if there is none
int builtin_test(int argc, char **argv);
int builtin_read(int argc, char **argv);
int builtin_trap(int argc, char **argv);
int builtin_kill(int argc, char **argv);
int builtin_command(int argc, char **argv);
int builtin_type(int argc, char **argv);
void run_traps(void);  // of signals that have come; called between commands
int trap_arrived(void);  // the signal whose trap is to run, but for SIGCHLD; 0: none
void run_exit_trap(void);
void reset_traps(void);                // in a subshell: those with a command are the defaults again
char *find_in_path(const char *name);  // to be freed; NULL if it is not there
void set_arguments(int count, char **arguments);

// ---- main.c ----

struct shell {
    const char *name;    // $0
    char **arguments;    // $1 ...
    int argument_count;  // $#
    int status;          // $?
    int substitution;    // status of the last command substitution
    pid_t pid;           // $$
    pid_t background;    // $!, 0: none yet
    int interactive;     // with prompt and job control
    int exit_on_error;   // set -e
    int trace;           // set -x
    int unset_is_error;  // set -u
    int no_glob;         // set -f
    int line;            // of the command that runs
    int tested;          // the status of the command that runs decides what comes next
    int loops;           // around the command that runs, in this function
    int calls;           // of functions and of .
    enum unwinding { NOWHERE, OUT_OF_LOOP, NEXT_ROUND, OUT_OF_CALL } unwinding;
    int unwind_loops;          // break n, continue n
    volatile int interrupted;  // ^C
};
extern struct shell shell;

// "sh: line: message" on standard error; returns `status`.
int report_error(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void shell_exit(int status);
// Ends a script; an interactive shell goes on.
int fatal(int status);
void *need(void *memory);  // or the end: out of memory
