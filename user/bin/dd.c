// dd: copies blocks of a chosen size from and to chosen places, one read(2) and one write(2) each.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "dd",
    "Usage: dd [OPERAND]...\n"
    "Copy standard input to standard output block by block.\n\n"
    "  if=FILE, of=FILE  read from, write to FILE instead\n"
    "  bs=BYTES          the size of a block (512); ibs= and obs= for reading and writing alone\n"
    "  count=N           only N blocks\n"
    "  skip=N, seek=N    leave out N blocks of the input, of the output\n"
    "  conv=LIST         notrunc: keep what is behind; fsync, fdatasync: wait for the disk;\n"
    "                    sync: fill short blocks with zeros; noerror: go on after read errors;\n"
    "                    nocreat, excl: FILE must exist, must not exist\n"
    "  status=LEVEL      none: no counts at the end; noxfer: no summary\n"
    "BYTES and N may end in k, M, G (1024), kB, MB, GB (1000), and be products: 4x1k.\n",
    1};

enum { NOTRUNC = 1, FSYNC = 2, FDATASYNC = 4, PAD = 8, NOERROR = 16, NOCREAT = 32, EXCL = 64 };

static unsigned long long in_size = 512, out_size = 512, count = -1ULL, skip, seek;
static int one_size;  // bs= was given: every block is written as it was read
static int conversions, quiet, no_summary;
static const char *input_name, *output_name;

static struct { unsigned long long whole, partial; } in, out;
static unsigned long long bytes_written;
static char *output_buffer;
static size_t buffered;

// ---- Operands ----

// "4", "4k", "2x512b": products of sizes with a unit each.
static unsigned long long parse_product(const char *text) {
    char *copy = need_copy(text), *rest = copy;
    unsigned long long product = 1, factor;
    for (char *part; (part = strsep(&rest, "x")) != NULL;) {
        size_t length = strlen(part);
        unsigned long long unit = 1;
        if (length > 1 && strchr("cwb", part[length - 1])) {
            unit = part[length - 1] == 'b' ? 512 : part[length - 1] == 'w' ? 2 : 1;
            part[length - 1] = '\0';
        }
        if (!parse_size(part, &factor) || __builtin_mul_overflow(factor, unit, &factor) ||
            __builtin_mul_overflow(product, factor, &product))
            die("invalid number: '%s'", text);
    }
    free(copy);
    return product;
}

static void parse_conversions(char *list) {
    static const char *const names[] = {"notrunc", "fsync",   "fdatasync", "sync",
                                        "noerror", "nocreat", "excl",      NULL};
    for (char *name; (name = strsep(&list, ",")) != NULL;) {
        int i = 0;
        while (names[i] && strcmp(name, names[i]) != 0)
            i++;
        if (!names[i])
            bad_usage("invalid conversion: '%s'", name);
        conversions |= 1 << i;
    }
}

static unsigned long long parse_block_size(const char *text) {
    unsigned long long size = parse_product(text);
    if (size == 0 || size > 1ULL << 30)
        die("invalid number: '%s'", text);
    return size;
}

static void parse_operand(char *operand) {
    char *value = strchr(operand, '=');
    if (!value)
        bad_usage("unrecognized operand '%s'", operand);
    int length = value++ - operand;
#define IS(name) (length == (int)sizeof(name) - 1 && strncmp(operand, name, length) == 0)
    if (IS("if"))
        input_name = value;
    else if (IS("of"))
        output_name = value;
    else if (IS("bs")) {
        in_size = out_size = parse_block_size(value);
        one_size = 1;
    } else if (IS("ibs"))
        in_size = parse_block_size(value);
    else if (IS("obs"))
        out_size = parse_block_size(value);
    else if (IS("count"))
        count = parse_product(value);
    else if (IS("skip"))
        skip = parse_product(value);
    else if (IS("seek"))
        seek = parse_product(value);
    else if (IS("conv"))
        parse_conversions(value);
    else if (IS("status") && strcmp(value, "none") == 0)
        quiet = 1;
    else if (IS("status") && (strcmp(value, "noxfer") == 0 || strcmp(value, "progress") == 0))
        no_summary = strcmp(value, "noxfer") == 0;
    else if (IS("status"))
        bad_usage("invalid status level: '%s'", value);
    else
        bad_usage("unrecognized operand '%s'", operand);
#undef IS
}

// ---- Files ----

static void open_files(void) {
    if (input_name) {
        close(STDIN_FILENO);
        if (open(input_name, O_RDONLY) < 0)
            die_errno("failed to open '%s'", input_name);
    }
    if (!output_name)
        return;
    int flags = O_RDWR | (conversions & NOCREAT ? 0 : O_CREAT) | (conversions & EXCL ? O_EXCL : 0);
    if (!(conversions & NOTRUNC) && seek == 0)
        flags |= O_TRUNC;
    int file = open(output_name, flags, 0666);
    if (file < 0 && errno == EACCES)
        file = open(output_name, (flags & ~O_RDWR) | O_WRONLY, 0666);
    if (file < 0)
        die_errno("failed to open '%s'", output_name);
    dup2(file, STDOUT_FILENO);
    close(file);
    if (seek > 0 && !(conversions & NOTRUNC) && ftruncate(STDOUT_FILENO, seek * out_size) != 0 &&
        errno != EINVAL)
        die_errno("failed to truncate to %llu bytes in output file '%s'", seek * out_size,
                  output_name);
}

static const char *input_text(void) {
    return input_name ? input_name : "standard input";
}

static const char *output_text(void) {
    return output_name ? output_name : "standard output";
}

// Files are positioned; pipes are read, and cannot be passed over in writing.
static void position(char *buffer) {
    struct stat st;
    int is_file = fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);
    if (skip > 0 && is_file && (unsigned long long)st.st_size < skip * in_size)
        complain("'%s': cannot skip to specified offset", input_text());
    if (skip > 0 && lseek(STDIN_FILENO, skip * in_size, SEEK_CUR) < 0)
        for (unsigned long long i = 0; i < skip; i++)
            if (read(STDIN_FILENO, buffer, in_size) <= 0)
                break;
    if (seek > 0 && lseek(STDOUT_FILENO, seek * out_size, SEEK_CUR) < 0)
        die_errno("'%s': cannot seek", output_text());
}

// ---- Copying ----

static int write_block(const char *data, size_t size) {
    if (write_all(STDOUT_FILENO, data, size) != 0) {
        complain_errno("error writing '%s'", output_text());
        return 1;
    }
    out.whole += size == out_size;
    out.partial += size != out_size;
    bytes_written += size;
    return 0;
}

// Gathers blocks of the output's size out of those of the input's.
static int write_gathered(const char *data, size_t size) {
    while (size > 0) {
        size_t part = size < out_size - buffered ? size : out_size - buffered;
        memcpy(output_buffer + buffered, data, part);
        buffered += part;
        data += part;
        size -= part;
        if (buffered == out_size) {
            buffered = 0;
            if (write_block(output_buffer, out_size) != 0)
                return 1;
        }
    }
    return 0;
}

static int copy(char *buffer) {
    int status = 0;
    while (in.whole + in.partial < count) {
        ssize_t size = read(STDIN_FILENO, buffer, in_size);
        if (size < 0) {
            complain_errno("error reading '%s'", input_text());
            status = 1;
            if (!(conversions & NOERROR) || lseek(STDIN_FILENO, in_size, SEEK_CUR) < 0)
                break;
            continue;
        }
        if (size == 0)
            break;
        in.whole += size == (ssize_t)in_size;
        in.partial += size != (ssize_t)in_size;
        if (conversions & PAD) {
            memset(buffer + size, 0, in_size - size);
            size = in_size;
        }
        if ((one_size ? write_block : write_gathered)(buffer, size) != 0)
            return 1;
    }
    return buffered > 0 ? write_block(output_buffer, buffered) | status : status;
}

// "1.5 MB": in steps of 1000, one digit behind the point below ten.
static const char *decimal_size(unsigned long long bytes, char text[24]) {
    static const char units[] = " kMGTP";
    unsigned long long scale = 1;
    int unit = 0;
    while (bytes / scale >= 1000) {
        scale *= 1000;
        unit++;
    }
    if (unit == 0)
        snprintf(text, 24, "%llu B", bytes);
    else if (bytes / scale < 10)
        snprintf(text, 24, "%llu.%llu %cB", bytes / scale, bytes % scale * 10 / scale, units[unit]);
    else
        snprintf(text, 24, "%llu %cB", bytes / scale, units[unit]);
    return text;
}

static void summarise(const struct timespec *begin) {
    struct timespec end;
    char size[24], rate[24];
    clock_gettime(CLOCK_MONOTONIC, &end);
    long long microseconds =
        (end.tv_sec - begin->tv_sec) * 1000000LL + (end.tv_nsec - begin->tv_nsec) / 1000;
    if (quiet)
        return;
    fprintf(stderr, "%llu+%llu records in\n%llu+%llu records out\n", in.whole, in.partial,
            out.whole, out.partial);
    if (no_summary)
        return;
    fprintf(stderr, "%llu bytes", bytes_written);
    if (bytes_written >= 1000)
        fprintf(stderr, " (%s)", decimal_size(bytes_written, size));
    fprintf(stderr, " copied, %lld.%06lld s, %s/s\n", microseconds / 1000000,
            microseconds % 1000000,
            decimal_size(bytes_written * 1000000 / (microseconds ? microseconds : 1), rate));
}

int main(int argc, char **argv) {
    struct timespec begin;
    utility_start(&self);
    while (next_option(argc, argv, "") != -1) {
    }
    for (int i = optind; i < argc; i++)
        parse_operand(argv[i]);
    char *buffer = need_memory(NULL, in_size);
    output_buffer = need_memory(NULL, out_size);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    open_files();
    position(buffer);
    int status = copy(buffer);
    if (conversions & (FSYNC | FDATASYNC) &&
        (conversions & FSYNC ? fsync : fdatasync)(STDOUT_FILENO) != 0) {
        complain_errno("%s failed for '%s'", conversions & FSYNC ? "fsync" : "fdatasync",
                       output_text());
        status = 1;
    }
    summarise(&begin);
    return finish(status);
}
