// Calls the C library in ways whose results the standard fixes, and prints them. Built with the
// host's library and with goose's, it must print the same (tests/test_libc_host.py).
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void integers(void) {
    printf("%d|%5d|%-5d|%05d|%+d|% d|%.4d|%8.4d|%-8.4d|%.0d|\n", 42, 42, 42, 42, 42, 42, 42, 42, 42,
           0);
    printf("%x|%X|%#x|%#o|%o|%#.6x|%#10x|%-#10x|%010x|%#x\n", 255, 255, 255, 8, 8, 10, 11, 12, 13,
           0);
    printf("%hhd %hd %ld %lld %zu %jd %td %u %lu\n", (signed char) -3, (short) -300, LONG_MIN,
           LLONG_MAX, (size_t) 7, (intmax_t) -9, (ptrdiff_t) 5, UINT_MAX, ULONG_MAX);
    printf("%*d|%-*d|%*d|%c|%5c|%-5c|%%|%p\n", 6, 1, 6, 2, -6, 3, 'x', 'y', 'z', (void*) 0x1234);
    printf("%s|%10s|%-10s|%.2s|%.*s|%.0s|\n", "text", "text", "text", "text", 3, "text", "text");
}

static void doubles(void) {
    static const double values[] = {
        0,      1,      -1,      0.5,      1.5, 2.5, 0.1,           1e10,       1e-5,      1e300,
        1e-300, 5e-324, 1.7e308, 99999.95, 1e5, 1e6, 123456789.125, 3.14159265, 9.9999995, -0.0};
    for (size_t i = 0; i < COUNT(values); i++) {
        double v = values[i];
        printf("%f %.0f %.2f %e %.0e %g %.3g %G %#g %.10g %.17g\n", v, v, v, v, v, v, v, v, v, v,
               v);
        printf("[%12.3f] [%-12.3f] [%012.3f] [%+.1f] [% .1f]\n", v, v, v, v, v);
    }
    printf("%f %f %5.1f\n", 1 / values[0], -1 / values[0], 1 / values[0]);
}

static void numbers(void) {
    static const char* const texts[] = {"12",
                                        "-12",
                                        "  +7x",
                                        "0x1f",
                                        "077",
                                        "zz",
                                        "",
                                        "0x",
                                        "0xg",
                                        "- 1",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "-9223372036854775808",
                                        "-9223372036854775809",
                                        "18446744073709551615",
                                        "18446744073709551616"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        static const int bases[] = {0, 10, 16, 36};
        for (size_t b = 0; b < COUNT(bases); b++) {
            char* end;
            errno = 0;
            long value = strtol(texts[i], &end, bases[b]);
            printf("%ld %d %d, ", value, (int) (end - texts[i]), errno);
            errno = 0;
            unsigned long positive = strtoul(texts[i], &end, bases[b]);
            printf("%lu %d %d\n", positive, (int) (end - texts[i]), errno);
        }
    }
    static const char* const reals[] = {"1",   "1.5", "-2.25e3", ".5",  "5.",   "1e",
                                        "1e+", "abc", "1e-3x",   "0.1", "1e22", "123456789.125"};
    for (size_t i = 0; i < COUNT(reals); i++) {
        char* end;
        double value = strtod(reals[i], &end);
        printf("%.17g %d\n", value, (int) (end - reals[i]));
    }
    int x = 0, y = 0;
    unsigned long z = 0;
    char word[20] = "";
    int got = sscanf("12 abc 0x1f 99", "%d %19s %i %lu", &x, word, &y, &z);
    printf("%d: %d %s %d %lu\n", got, x, word, y, z);
    got = sscanf("Mem:  55 kB", "Mem: %d kB", &x);
    printf("%d: %d\n", got, x);
    got = sscanf("7 (a b) S", "%d (%19[^)]) %c", &x, word, word + 10);
    printf("%d: %s %c\n", got, word, word[10]);
}

static void texts(void) {
    for (int error = 0; error < 135; error++)
        printf("%d %s\n", error, strerror(error));
    for (int signal = 1; signal < 32; signal++)
        printf("%d %s\n", signal, strsignal(signal));
    char line[] = " a, b,,c ", *state, copy[32], path[32];
    for (char* p = strtok_r(line, " ,", &state); p; p = strtok_r(NULL, " ,", &state))
        printf("<%s>", p);
    printf("%zu %zu %s\n", strspn("aabbc", "ab"), strcspn("aabbc", "c"), strpbrk("hello", "lo"));
    memset(copy, 'x', sizeof(copy));
    strncpy(copy, "ab", 5);
    printf("%.8s|%d|%d\n", copy, copy[4], copy[5]);
    printf("%d %d %s\n", strcmp("a", "b") < 0, strncasecmp("ABc", "abD", 2),
           strstr("abcabd", "abd"));
    static const char* const paths[] = {"/a/b", "a", "a/", "/", "", "a//b//", "/a"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        printf("%s ", basename(strcpy(path, paths[i])));
        printf("%s|", dirname(strcpy(path, paths[i])));
    }
    for (int c = 0; c < 256; c++) {
        printf("%d", !!isalpha(c) + 2 * !!isdigit(c) + 4 * !!isspace(c) + 8 * !!ispunct(c) +
                         16 * !!iscntrl(c) + 32 * !!isxdigit(c) + 64 * !!isprint(c));
    }
    puts("");
}

static void patterns(void) {
    static const struct {
        const char *pattern, *name;
        int flags;
    } cases[] = {
        {"*", "a", 0},
        {"*.c", "x.c", 0},
        {"*.c", ".c", FNM_PERIOD},
        {"a*b*c", "axxbyyc", 0},
        {"[a-c]x", "bx", 0},
        {"[!a-c]x", "bx", 0},
        {"[]]", "]", 0},
        {"[a", "[a", 0},
        {"\\*", "*", 0},
        {"\\*", "x", 0},
        {"?", "", 0},
        {"*a", "baa", 0},
        {"[[:digit:]]*", "1x", 0},
        {"a/*", "a/b/c", FNM_PATHNAME},
        {"a/*", "a/b/c", 0},
        {"[-a]", "-", 0},
        {"*/x", "a/.b/x", FNM_PATHNAME},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        printf("%d", fnmatch(cases[i].pattern, cases[i].name, cases[i].flags) != 0);
    }
    static const char* const globs[] = {"/e*/passw?", "/usr/*/env", "/nothere*", "/et\\c/passwd",
                                        "/*/passw[a-d]"};
    for (size_t i = 0; i < COUNT(globs); i++) {
        glob_t found = {0};
        printf("\n%d:", glob(globs[i], GLOB_MARK, NULL, &found));
        for (size_t k = 0; k < found.gl_pathc; k++)
            printf(" %s", found.gl_pathv[k]);
        globfree(&found);
    }
    puts("");
}

static void dates(void) {
    static const char format[] =
        "%a %A %b %B %c %C %d %D %e %F %g %G %H %I %j %m %M %p %r %R %S %T "
        "%u %U %V %w %W %x %X %y %Y %%";
    for (long day = -40000; day < 60000; day += 173) {
        time_t time = day * 86400 + day % 86400;
        char text[400];
        struct tm* tm = gmtime(&time);
        strftime(text, sizeof(text), format, tm);
        printf("%s %ld\n", text, (long) (timegm(tm) - time));
    }
    struct tm odd = {.tm_year = 124, .tm_mon = 13, .tm_mday = 31, .tm_hour = -5};
    printf("%ld\n", (long) timegm(&odd));
}

static void options(const char* line) {
    static const struct option longs[] = {{"alpha", no_argument, NULL, 'a'},
                                          {"beta", required_argument, NULL, 'b'},
                                          {"gamma", optional_argument, NULL, 'g'},
                                          {NULL, 0, NULL, 0}};
    char copy[100], *argv[20], *state;
    int argc = 0, option;
    strcpy(copy, line);
    for (char* p = strtok_r(copy, " ", &state); p; p = strtok_r(NULL, " ", &state))
        argv[argc++] = p;
    argv[argc] = NULL;
    optind = 0;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "ab:c::d", longs, NULL)) != -1) {
        printf("[%c %s]", option, optarg ? optarg : "-");
    }
    for (; optind < argc; optind++)
        printf(" %s", argv[optind]);
    puts("");
}

static void streams(void) {
    char name[] = "/tmp/libc-XXXXXX";
    FILE* file = fdopen(mkstemp(name), "w+");
    unlink(name);
    char* line = NULL;
    size_t size = 0, count = 0;
    for (int i = 0; i < 3000; i++)
        fprintf(file, "line %d\n", i);
    rewind(file);
    while (getline(&line, &size, file) > 0)
        count++;
    printf("%zu lines, at %ld, end %d\n", count, ftell(file), feof(file) != 0);
    fseek(file, 10, SEEK_SET);
    int first = getc(file), second = getc(file);
    ungetc('Z', file);
    long at = ftell(file);
    printf("%d %d %ld %d\n", first, second, at, getc(file));
    fseek(file, 0, SEEK_END);
    fputs("the end", file);
    fseek(file, -3, SEEK_CUR);
    char text[20], *got = fgets(text, sizeof(text), file);
    printf("%s %d\n", got, fgets(text, sizeof(text), file) == NULL);
    free(line);
    fclose(file);
}

static sigjmp_buf before_signal;

static void jump(int signal) {
    siglongjmp(before_signal, signal);
}

static int by_value(const void* a, const void* b) {
    return *(const int*) a - *(const int*) b;
}

static void control(void) {
    sigset_t mask;
    signal(SIGUSR1, jump);
    int jumped = sigsetjmp(before_signal, 1);
    if (jumped == 0)
        raise(SIGUSR1);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    printf("jumped with %d, blocked %d\n", jumped, sigismember(&mask, SIGUSR1));
    int values[100];
    for (int i = 0; i < 100; i++)
        values[i] = i * 37 % 101;
    qsort(values, 100, sizeof(int), by_value);
    for (int i = 0; i < 100; i++)
        printf("%d ", values[i]);
    int key = 50;
    printf("%td\n", (int*) bsearch(&key, values, 100, sizeof(int), by_value) - values);
    setenv("A", "1", 1);
    setenv("A", "2", 0);
    putenv("B=3");
    unsetenv("C");
    printf("%s %s %d\n", getenv("A"), getenv("B"), getenv("C") == NULL);
}

// Blocks of all sizes come and go; what was written stays.
static void heap(void) {
    static unsigned char* blocks[300];
    static size_t sizes[300];
    unsigned seed = 1, broken = 0;
    for (int round = 0; round < 30000; round++) {
        seed = seed * 1103515245 + 12345;
        unsigned i = (seed >> 16) % 300;
        size_t size = (seed >> 8) % (round % 100 == 0 ? 300000 : 3000) + 1, keep = sizes[i];
        for (size_t k = 0; blocks[i] && k < keep; k += 61)
            broken += blocks[i][k] != (unsigned char) i;
        if (round % 3 == 0) {
            free(blocks[i]);
            blocks[i] = NULL;
            size = 0;
        } else {
            blocks[i] = realloc(blocks[i], size);
            if (keep > size)
                keep = size;
            for (size_t k = 0; sizes[i] && k < keep; k += 61)
                broken += blocks[i][k] != (unsigned char) i;
            memset(blocks[i], (int) i, size);
        }
        sizes[i] = size;
    }
    printf("heap: %u broken, aligned %d\n", broken, (uintptr_t) malloc(1) % 16 == 0);
}

int main(void) {
    integers();
    doubles();
    numbers();
    texts();
    patterns();
    dates();
    options("p -a x -b y z");
    options("p -abfoo -cbar -c baz -- -a");
    options("p --alpha --beta=3 --beta 4 q --gam --gamma=5");
    options("p x y -d z");
    options("p - -a -q --alpha=3 --nope -b");
    streams();
    control();
    heap();
    return 0;
}
