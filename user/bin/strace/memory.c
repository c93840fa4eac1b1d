// The memory of a process that is traced, word by word, and how bytes are shown.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

#include "strace.h"
#include "util.h"

#define WORD sizeof(uint64_t)
#define LONGEST 4096     // bytes of a string, whatever -s says
#define MOST_STRINGS 32  // of a list

// One word at a multiple of its size, so that it never reaches into another page.
static int read_word(pid_t pid, uint64_t address, uint64_t *word) {
    errno = 0;
    *word = (uint64_t)ptrace(PTRACE_PEEKDATA, pid, (void *)address, NULL);
    return errno == 0;
}

// As many bytes as there are, up to `size`.
static size_t read_some(pid_t pid, uint64_t address, void *to, size_t size) {
    size_t done = 0;
    while (done < size) {
        uint64_t word, at = address + done, within = at % WORD;
        size_t part = WORD - within < size - done ? WORD - within : size - done;
        if (at < address || !read_word(pid, at - within, &word)) break;
        memcpy((char *)to + done, (char *)&word + within, part);
        done += part;
    }
    return done;
}

int read_memory(pid_t pid, uint64_t address, void *to, size_t size) {
    return read_some(pid, address, to, size) == size;
}

void print_address(uint64_t address) {
    if (address == 0) fputs("NULL", out);
    else fprintf(out, "%#lx", address);
}

static void print_byte(unsigned char c, int digit_follows) {
    static const char letters[] = "abtnvfr";
    if (c == '"' || c == '\\') fprintf(out, "\\%c", c);
    else if (c >= '\a' && c <= '\r' && c != '\a' && c != '\b')
        fprintf(out, "\\%c", letters[c - '\a']);
    else if (c < ' ' || c >= 0x7f) fprintf(out, digit_follows ? "\\%03o" : "\\%o", c);
    else fputc(c, out);
}

void print_quoted(const char *bytes, size_t size, int is_whole) {
    fputc('"', out);
    for (size_t i = 0; i < size; i++)
        print_byte(bytes[i], i + 1 < size && bytes[i + 1] >= '0' && bytes[i + 1] <= '9');
    fputs(is_whole ? "\"" : "\"...", out);
}

static size_t most_bytes(void) {
    return options.most < LONGEST ? options.most : LONGEST;
}

void print_string(pid_t pid, uint64_t address) {
    char bytes[LONGEST + 1];
    if (address == 0) return print_address(0);
    size_t got = 0, most = most_bytes();
    // In pieces: most strings are short, and each word is a call.
    while (got <= most && (got == 0 || !memchr(bytes, 0, got))) {
        size_t piece = most + 1 - got < 16 ? most + 1 - got : 16;
        size_t more = read_some(pid, address + got, bytes + got, piece);
        got += more;
        if (more < piece) break;
    }
    char *end = memchr(bytes, 0, got);
    if (!end && got <= most)  // ran into what is not mapped
        return print_address(address);
    print_quoted(bytes, end ? (size_t)(end - bytes) : most, end != NULL);
}

void print_bytes(pid_t pid, uint64_t address, uint64_t size) {
    char bytes[LONGEST];
    size_t most = most_bytes(), shown = size < most ? size : most;
    if (address == 0 || !read_memory(pid, address, bytes, shown)) return print_address(address);
    print_quoted(bytes, shown, shown == size);
}

void print_strings(pid_t pid, uint64_t address) {
    uint64_t string;
    if (address == 0 || !read_memory(pid, address, &string, sizeof string))
        return print_address(address);
    fputc('[', out);
    for (int i = 0; i < MOST_STRINGS; i++) {
        if (!read_memory(pid, address + i * WORD, &string, sizeof string) || string == 0) break;
        if (i > 0) fputs(", ", out);
        if (i + 1 == MOST_STRINGS) fputs("...", out);
        else print_string(pid, string);
    }
    fputc(']', out);
}

int count_strings(pid_t pid, uint64_t address) {
    uint64_t string;
    int count = 0;
    while (count < 10000 && read_memory(pid, address + count * WORD, &string, sizeof string) &&
           string != 0)
        count++;
    return count;
}
