// What several of goose's utilities need, so that nothing is written twice: options and messages,
// paths and directory walks, copying, and the texts of modes, sizes and times.
//
// A utility describes itself once and lets this file speak for it:
//
//     static const struct utility self = {"rmdir", "Usage: rmdir DIRECTORY...\n", 1};
//
//     int main(int argc, char **argv) {
//         utility_start(&self);
//         while (next_option(argc, argv, "p") != -1) ...
//         return finish(status);
//     }
#pragma once

#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#define PRINTF_LIKE __attribute__((format(printf, 1, 2)))

// ---- util.c: who we are, options, messages, the end ----

struct utility {
    const char *name;   // as it stands in front of every message
    const char *usage;  // what --help prints
    int trouble;        // exit status for a wrong option and for output that cannot be written
};

void utility_start(const struct utility *self);

// getopt() that also knows --help (prints the usage, exits 0) and ends the program on a wrong
// option. A leading '+' in `letters` stops at the first operand instead of looking behind it.
int next_option(int argc, char **argv, const char *letters);

// "name: message", and with the meaning of errno behind it for the _errno forms.
void complain(const char *format, ...) PRINTF_LIKE;
void complain_errno(const char *format, ...) PRINTF_LIKE;
_Noreturn void die(const char *format, ...) PRINTF_LIKE;
_Noreturn void die_errno(const char *format, ...) PRINTF_LIKE;
// The message, then "Try 'name --help' for more information."; exits with `trouble`.
_Noreturn void bad_usage(const char *format, ...) PRINTF_LIKE;

// The last line of every main: the status to return, or `trouble` if standard output failed.
int finish(int status);

// Memory that is there, or a message and the end.
void *need_memory(void *block, size_t size);  // realloc()
char *need_copy(const char *text);            // strdup()

// Standard input for "-", else the file; NULL with errno set.
FILE *open_input(const char *name);
void close_input(FILE *input);

// Calls each(input, name) for every file named, or for standard input. 0, or 1 after complaints
// in these words: "cannot open '%s' for reading" and "error reading '%s'", or just "%s".
typedef void input_reader(FILE *input, const char *name);
int for_each_input(int count, char **names, const char *open_words, const char *read_words,
                   input_reader *each);

// Replaces an old-style count ("-5" as the first argument) by "-n" "5".
void accept_count_option(int *argc, char ***argv);

// A whole number that fills the text; the second takes a unit behind it (k, K, M, G, kB, MB ...).
int parse_number(const char *text, long long *value);  // 1 if it is one
int parse_size(const char *text, unsigned long long *value);

// One backslash escape behind `*text` (which stands on the character after the backslash), moved
// on past it. -1 for \c, '\\' and no move for an unknown one.
enum escape_octal { OCTAL_PLAIN, OCTAL_AFTER_ZERO };
int parse_escape(const char **text, enum escape_octal style);

// Runs argv[0] in this process; returns only if that fails, with the shell's status for it:
// 127 if there is no such program, else 126.
int exec_failed(char **argv);

// ---- util_path.c: names, directories, walks ----

char *join_path(const char *directory, const char *name);  // to be freed
const char *last_component(const char *path);              // without looking at trailing slashes
char *strip_slashes(const char *path);                     // a copy without trailing slashes
int is_directory(const char *path);                        // follows symbolic links

// The names in a directory except "." and "..", in the order the file system gives them.
struct name_list {
    char **names;
    size_t count;
};
int read_names(const char *directory, struct name_list *list);  // 0, or -1 with errno
void free_names(struct name_list *list);

enum walk_event {
    WALK_FILE,    // anything but a directory
    WALK_ENTER,   // a directory, before what is in it
    WALK_LEAVE,   // the same directory, after it
    WALK_FAILED,  // `error` says why it could not be examined (st is NULL) or read
};
enum walk_answer { WALK_ON, WALK_PRUNE };  // WALK_PRUNE after WALK_ENTER: not into this directory

struct walk_entry {
    enum walk_event event;
    const char *path;
    const char *name;
    const struct stat *st;  // of the link itself, if it is a symbolic link
    int depth;              // 0 for the starting point
    int error;
};
typedef enum walk_answer walk_visitor(const struct walk_entry *entry, void *context);
void walk(const char *path, walk_visitor *visit, void *context);

// Removes a file or a whole tree. 0, or 1 after the messages.
int remove_tree(const char *path);

// ---- util_copy.c: bytes, files, trees ----

int write_all(int fd, const void *data, size_t size);  // 0, or -1 with errno
enum copy_result { COPY_DONE, COPY_READ_FAILED, COPY_WRITE_FAILED };
enum copy_result copy_bytes(int from, int to);

enum copy_flags { COPY_RECURSIVE = 1, COPY_PRESERVE = 2, COPY_FORCE = 4 };
// Copies one file, or with COPY_RECURSIVE a tree. 0, or 1 after the messages.
int copy_tree(const char *from, const char *to, int flags);

// What cp, mv and ln do with their operands: each of the first n-1 into the directory `target`,
// or the only one to the name `target`. Calls one(source, destination) and returns 1 if any failed.
int for_each_target(int count, char **operands, int (*one)(const char *from, const char *to));

// ---- util_terminal.c: programs that fill the screen ----

// Keys come one by one and unechoed, and what was on the screen waits for screen_close(), which may
// be called from a signal handler and twice. `signals`: ^C, ^Z and ^\ still send theirs. 0, or -1
// with errno where input or output is no terminal.
int screen_open(int signals);
void screen_close(void);
// What the terminal says, or else $LINES and $COLUMNS, or 24 and 80: a serial line knows no size.
void screen_size(int *rows, int *columns);

// ---- util_text.c: modes, sizes, owners, times ----

void mode_string(mode_t mode, char text[11]);  // "-rw-r--r--"
char type_indicator(mode_t mode);              // what ls -F appends, or 0
// "644" or "u+rwX,go-w" applied to `old`; 0, or -1 if it is not a mode.
int parse_mode(const char *text, mode_t old, mode_t *result);
const char *human_size(unsigned long long bytes, char text[16]);  // "1.5K", rounded up
const char *user_name(uid_t uid);                                 // by /etc/passwd, else the number
const char *group_name(gid_t gid);
// "@seconds", "now" or "YYYY-MM-DD[ HH:MM[:SS]]" in local time; 0, or -1.
int parse_time(const char *text, struct timespec *result);
