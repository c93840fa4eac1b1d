// Lines about calls. A call's line is begun at its entry, with what is known then, and ended at its
// exit; where another process's line comes between, both halves say so.
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "strace.h"
#include "util.h"

static struct tracee *open_line;

void leave_line(void) {
    if (!open_line) return;
    fputs(" <unfinished ...>\n", out);
    fflush(out);
    open_line = NULL;
}

static void begin_line(const struct tracee *tracee) {
    leave_line();
    if (out_is_file && options.follow) fprintf(out, "%-5d ", tracee->pid);
    else if (tracee_count() > 1) fprintf(out, "[pid %5d] ", tracee->pid);
}

void report(const struct tracee *tracee, const char *format, ...) {
    va_list arguments;
    begin_line(tracee);
    va_start(arguments, format);
    vfprintf(out, format, arguments);
    va_end(arguments);
}

static void print_unknown(const struct tracee *tracee) {
    fprintf(out, "syscall_%#lx(", tracee->number);
    for (int i = 0; i < MOST_ARGUMENTS; i++)
        fprintf(out, i ? ", %#lx" : "%#lx", tracee->arguments[i]);
}

void report_entry(struct tracee *tracee) {
    const struct call *call = find_call(tracee->number);
    begin_line(tracee);
    tracee->shown = 0;
    open_line = tracee;
    if (!call) return print_unknown(tracee);
    fprintf(out, "%s(", call->name);
    int count = arguments_in_use(tracee, call);
    while (tracee->shown < count) {
        if (tracee->shown > 0) fputs(", ", out);
        if (!print_argument(tracee, call, tracee->shown, AT_ENTRY, 0)) break;
        tracee->shown++;
    }
}

static void print_rest(struct tracee *tracee, const struct call *call, int64_t result) {
    int count = arguments_in_use(tracee, call);
    for (int first = tracee->shown; tracee->shown < count; tracee->shown++) {
        if (tracee->shown > first) fputs(", ", out);
        print_argument(tracee, call, tracee->shown, AT_EXIT, result);
    }
}

static void print_error(int error) {
    const char *name = strerrorname_np(error);
    if (name) fprintf(out, "-1 %s (%s)", name, strerror(error));
    else fprintf(out, "-1 (errno %d)", error);
}

void report_exit(struct tracee *tracee, int64_t result, int is_error) {
    const struct call *call = find_call(tracee->number);
    if (open_line != tracee) {
        begin_line(tracee);
        fprintf(out, "<... %s resumed>", call ? call->name : "syscall");
    }
    open_line = NULL;
    if (call) print_rest(tracee, call, result);
    fputs(") = ", out);
    if (is_error) print_error((int)-result);
    else print_result(call, result);
    fputc('\n', out);
}

void close_line(struct tracee *tracee) {
    if (open_line == tracee) fputs(") = ?\n", out);
    if (open_line == tracee) open_line = NULL;
}
