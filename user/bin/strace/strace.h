// strace: what its files share.
//
//   main.c       options; starting or attaching to what is traced
//   follow.c     the processes that are traced, and what wait4 says of them
//   report.c     one line per call: what stands before, between and behind its arguments
//   calls.c      the calls by number, from kernel/abi/syscalls.tbl, and sets of them (-e)
//   arguments.c  one argument, by its type and name in that table
//   flags.c      the names of flags and other numbers
//   structures.c what structures hold
//   memory.c     another process's memory, and text in quotes
//   summary.c    counts (-c)
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#define MOST_ARGUMENTS 6

// ---- calls.c ----

// One parameter as the table has it: "const char *path" is {"const char *", "path"}.
struct parameter {
    char type[32];
    char name[20];
    int count;  // of an array's items, else 0
};

struct call {
    const char *name;
    int count;
    struct parameter parameters[MOST_ARGUMENTS];
};

// Null: the table has no such call.
const struct call *find_call(uint64_t number);
// For -e trace=LIST: names, %file, %desc, all of it behind "!" turned around. A wrong name ends the
// program.
void choose_calls(char *list);
int is_chosen(uint64_t number);

// ---- follow.c ----

struct tracee {
    struct tracee *next;
    pid_t pid;
    int expects_stop;  // the SIGSTOP by which tracing begins is still to come
    int in_call;       // between entry and exit
    int shown;         // arguments printed before the exit
    uint64_t number, arguments[MOST_ARGUMENTS];
    int64_t entered;  // nanoseconds, for -c
};

extern struct options {
    int follow, count, paths;
    size_t most;  // bytes of a string that are shown
} options;

struct tracee *add_tracee(pid_t pid);
int tracee_count(void);
// Traces until all have ended or `detach` is set. Returns the wait status of `main_pid`, or 0.
int follow(pid_t main_pid, volatile int *detach);

// ---- report.c ----

extern FILE *out;
extern int out_is_file;

// Something else is about to be printed, while a call's line is open.
void leave_line(void);
void report_entry(struct tracee *tracee);
void report_exit(struct tracee *tracee, int64_t result, int is_error);
// A line that is no call's: "+++ exited with 0 +++".
void report(const struct tracee *tracee, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A line that stays open: its process has ended in its call.
void close_line(struct tracee *tracee);

// ---- arguments.c ----

enum moment { AT_ENTRY, AT_EXIT };

// Prints argument `index`. At entry: 0 and nothing printed if it only has a meaning at exit.
int print_argument(const struct tracee *tracee, const struct call *call, int index,
                   enum moment moment, int64_t result);
// How many arguments the call has this time: openat has no mode unless it may create.
int arguments_in_use(const struct tracee *tracee, const struct call *call);
void print_result(const struct call *call, int64_t result);

// ---- flags.c ----

// Prints a number by name where the table of flags has this call's parameter; else 0.
int print_flags(const struct call *call, const char *parameter, uint64_t value);
void print_open_flags(uint64_t value);
void print_mode(uint64_t mode);  // S_IFREG|0644
void print_poll_events(uint64_t events);
void print_signal(int signal);  // SIGINT
void print_signal_set(uint64_t set);
void print_wait_status(int status);

// ---- structures.c ----

// A structure of `type` ("struct stat *") at `address`; 0 if the type is not known or memory is bad.
int print_structure(pid_t pid, const char *type, uint64_t address, const struct tracee *tracee,
                    enum moment moment, int64_t result);

// ---- memory.c ----

// All of it, or 0.
int read_memory(pid_t pid, uint64_t address, void *to, size_t size);
void print_address(uint64_t address);                             // NULL, 0x1234
void print_string(pid_t pid, uint64_t address);                   // up to its NUL
void print_bytes(pid_t pid, uint64_t address, uint64_t size);     // "abc"...
void print_quoted(const char *bytes, size_t size, int is_whole);  // likewise, from here
// The strings that a list of pointers leads to.
void print_strings(pid_t pid, uint64_t address);
int count_strings(pid_t pid, uint64_t address);

// ---- summary.c ----

void count_call(uint64_t number, int64_t nanoseconds, int is_error);
void print_summary(void);
