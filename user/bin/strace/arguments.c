// One argument of a call: how it is shown follows from its type and its name in the table.
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "strace.h"
#include "util.h"

static int is(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

static int ends_with(const char *text, const char *end) {
    size_t size = strlen(text), end_size = strlen(end);
    return size >= end_size && is(text + size - end_size, end);
}

static int is_pointer(const struct parameter *parameter) {
    return ends_with(parameter->type, "*");
}

// What the kernel fills in has a meaning only afterwards.
static int is_output(const struct call *call, const struct parameter *parameter) {
    if (is(call->name, "readv") && is_pointer(parameter))
        return 1;  // the pieces, not the list of them
    if (!is_pointer(parameter) || strncmp(parameter->type, "const ", 6) == 0) return 0;
    return !ends_with(parameter->type, "*const *") && !is(parameter->type, "fd_set *") &&
           !is(parameter->type, "struct pollfd *") && !is(parameter->name, "address") &&
           !is(parameter->name, "timeout") && !is(call->name, "clone");
}

// A file's path, from /proc.
static void print_fd(pid_t pid, int fd, const char *name) {
    char link[64], path[256];
    if (fd == AT_FDCWD && ends_with(name, "dirfd")) fputs("AT_FDCWD", out);
    else fprintf(out, "%d", fd);
    if (!options.paths) return;
    snprintf(link, sizeof link, fd == AT_FDCWD ? "/proc/%d/cwd" : "/proc/%d/fd/%d", pid, fd);
    ssize_t size = readlink(link, path, sizeof path);
    if (size > 0) fprintf(out, "<%.*s>", (int)size, path);
}

static void print_integer(const char *type, uint64_t value) {
    if (is(type, "mode_t")) fprintf(out, value ? "%#o" : "0", (unsigned)value);
    else if (is(type, "dev_t"))
        fprintf(out, "makedev(%#x, %#x)", (unsigned)major(value), (unsigned)minor(value));
    else if (is(type, "int") || is(type, "pid_t") || is(type, "clockid_t"))
        fprintf(out, "%d", (int)value);
    else if (is(type, "long") || is(type, "off_t")) fprintf(out, "%ld", (long)value);
    else if (is(type, "uid_t") || is(type, "gid_t"))
        fprintf(out, (int)value == -1 ? "-1" : "%u", (unsigned)value);
    else if (is(type, "uint32_t") || is(type, "unsigned int")) fprintf(out, "%u", (unsigned)value);
    else if (is(type, "unsigned long") && value > 1ul << 32) fprintf(out, "%#lx", value);
    else fprintf(out, "%lu", value);
}

static void print_filled_buffer(const struct tracee *tracee, const struct call *call,
                                uint64_t address, int64_t result) {
    if (result < 0 || is(call->name, "getdents64")) print_address(address);
    else if (is(call->name, "getcwd")) print_string(tracee->pid, address);
    else print_bytes(tracee->pid, address, result);
}

static void print_integers(pid_t pid, uint64_t address, int count, const char *name) {
    int values[4];
    if (!read_memory(pid, address, values, count * sizeof values[0])) return print_address(address);
    fputc('[', out);
    if (is(name, "status")) print_wait_status(values[0]);
    for (int i = 0; i < count && !is(name, "status"); i++)
        fprintf(out, i ? ", %d" : "%d", values[i]);
    fputc(']', out);
}

static void print_environment(pid_t pid, uint64_t address) {
    print_address(address);
    if (address != 0) fprintf(out, " /* %d vars */", count_strings(pid, address));
}

static void print_pointer(const struct tracee *tracee, const struct call *call, int index,
                          enum moment moment, int64_t result) {
    const struct parameter *parameter = &call->parameters[index];
    const char *type = parameter->type;
    uint64_t value = tracee->arguments[index];
    pid_t pid = tracee->pid;
    int failed = moment == AT_EXIT && result < 0;
    if (is(type, "const char *")) print_string(pid, value);
    else if (is(type, "char *const *") && is(parameter->name, "argv")) print_strings(pid, value);
    else if (is(type, "char *const *")) print_environment(pid, value);
    else if (is(type, "const void *") && is(parameter->name, "buf"))
        print_bytes(pid, value, tracee->arguments[index + 1]);
    else if (is(parameter->name, "buf") && (is(type, "void *") || is(type, "char *")))
        print_filled_buffer(tracee, call, value, result);
    else if (value != 0 && !failed && is(type, "int *") &&
             (parameter->count || is(parameter->name, "status")) &&
             !(is(parameter->name, "status") && result == 0))
        print_integers(pid, value, parameter->count ? parameter->count : 1, parameter->name);
    else if (value == 0 || failed || !print_structure(pid, type, value, tracee, moment, result))
        print_address(value);
}

int print_argument(const struct tracee *tracee, const struct call *call, int index,
                   enum moment moment, int64_t result) {
    const struct parameter *parameter = &call->parameters[index];
    uint64_t value = tracee->arguments[index];
    if (moment == AT_ENTRY && is_output(call, parameter)) return 0;
    if (is(parameter->type, "int") &&
        (is(parameter->name, "fd") || ends_with(parameter->name, "_fd") ||
         ends_with(parameter->name, "dirfd")))
        print_fd(tracee->pid, (int)value, parameter->name);
    else if (is_pointer(parameter)) print_pointer(tracee, call, index, moment, result);
    else if (!print_flags(call, parameter->name, value)) print_integer(parameter->type, value);
    return 1;
}

int arguments_in_use(const struct tracee *tracee, const struct call *call) {
    const uint64_t *arguments = tracee->arguments;
    if (is(call->name, "openat"))
        return arguments[2] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? 4 : 3;
    if (is(call->name, "fcntl")) return arguments[1] == F_GETFD || arguments[1] == F_GETFL ? 2 : 3;
    if (is(call->name, "mremap")) return arguments[3] & 2 ? 5 : 4;  // MREMAP_FIXED
    return call->count;
}

void print_result(const struct call *call, int64_t result) {
    static const char *const addresses[] = {"brk", "mmap", "mremap"};
    for (size_t i = 0; call && i < sizeof addresses / sizeof addresses[0]; i++)
        if (is(call->name, addresses[i])) return (void)fprintf(out, "%#lx", (unsigned long)result);
    if (call && is(call->name, "umask")) fprintf(out, "%#lo", (unsigned long)result);
    else fprintf(out, "%ld", (long)result);
}
