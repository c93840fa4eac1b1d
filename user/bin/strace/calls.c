// The system calls by number: the names and parameters of kernel/abi/syscalls.tbl, taken apart when
// they are first needed.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "strace.h"
#include "util.h"

static const struct row {
    unsigned number;
    const char *name, *arguments;
} rows[] = {
#define SYSCALL_ROW(number, name, arguments) {number, #name, arguments},
#include "abi/syscall_names.inc"
#undef SYSCALL_ROW
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static struct call parsed[ROW_COUNT];
static char left_out[ROW_COUNT];  // by -e

static long row_of(uint64_t number) {
    size_t low = 0, high = ROW_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows[middle].number < number) low = middle + 1;
        else high = middle;
    }
    return low < ROW_COUNT && rows[low].number == number ? (long)low : -1;
}

// "const struct timespec times[2]": the name is the last word, what stands before it the type. An
// array is written like a pointer.
static void parse_parameter(struct parameter *parameter, const char *text, size_t size) {
    size_t end = size, bracket = 0;
    while (bracket < size && text[bracket] != '[') bracket++;
    if (bracket < size) {
        parameter->count = atoi(text + bracket + 1);
        end = bracket;
    }
    size_t start = end;
    while (start > 0 && (isalnum((unsigned char)text[start - 1]) || text[start - 1] == '_'))
        start--;
    snprintf(parameter->name, sizeof parameter->name, "%.*s", (int)(end - start), text + start);
    while (start > 0 && text[start - 1] == ' ') start--;
    snprintf(parameter->type, sizeof parameter->type, "%.*s%s", (int)start, text,
             bracket < size ? " *" : "");
}

static void parse(struct call *call, const struct row *row) {
    call->name = row->name;
    if (strcmp(row->arguments, "void") == 0) return;
    for (const char *text = row->arguments; *text && call->count < MOST_ARGUMENTS;) {
        size_t size = strcspn(text, ",");
        parse_parameter(&call->parameters[call->count++], text, size);
        text += size;
        text += strspn(text, ", ");
    }
}

const struct call *find_call(uint64_t number) {
    long row = row_of(number);
    if (row < 0) return NULL;
    if (!parsed[row].name) parse(&parsed[row], &rows[row]);
    return &parsed[row];
}

// ---- -e trace=LIST ----

static int has_parameter(const struct row *row, const char *what) {
    return strstr(row->arguments, what) != NULL;
}

static int is_in(const struct row *row, const char *word) {
    if (strcmp(word, "all") == 0 || strcmp(word, "%all") == 0) return 1;
    if (strcmp(word, "%file") == 0)
        return has_parameter(row, "path,") || has_parameter(row, "const char *path") ||
               has_parameter(row, "const char *target");
    if (strcmp(word, "%desc") == 0) return has_parameter(row, "fd") || has_parameter(row, "fds");
    return strcmp(word, row->name) == 0;
}

void choose_calls(char *list) {
    int turned = *list == '!';
    char wanted[ROW_COUNT] = {0};
    list += turned;
    for (char *word; (word = strsep(&list, ",")) != NULL;) {
        int found = strcmp(word, "none") == 0;
        for (size_t i = 0; i < ROW_COUNT; i++) {
            if (!is_in(&rows[i], word)) continue;
            wanted[i] = 1;
            found = 1;
        }
        if (!found) bad_usage("invalid system call '%s'", word);
    }
    for (size_t i = 0; i < ROW_COUNT; i++) left_out[i] = wanted[i] == turned;
}

int is_chosen(uint64_t number) {
    long row = row_of(number);
    return row < 0 || !left_out[row];
}
