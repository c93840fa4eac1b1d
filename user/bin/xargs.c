// xargs: runs a command with the words of its input as arguments, as many at a time as fit.
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {
    "xargs",
    "Usage: xargs [-0rt] [-I TEXT] [-n COUNT] [COMMAND [ARGUMENT]...]\n"
    "Run COMMAND (echo without one) with the words of standard input as further arguments. Quotes\n"
    "and backslashes keep blanks in a word together.\n\n"
    "  -0        the input is not words but strings that end with a zero byte\n"
    "  -I TEXT   run COMMAND for each line, with the line wherever an ARGUMENT has TEXT in it\n"
    "  -n COUNT  at most COUNT words at a time\n"
    "  -r        do not run COMMAND if there are no words\n"
    "  -t        print each command before it runs\n"
    "The status is 123 if COMMAND failed, 124 if it said 255, 126 or 127 if it could not run.\n",
    1};

enum { MOST_BYTES = 64 * 1024, MOST_WORDS = 4096 };  // well below what exec(2) takes

static long long most_words = MOST_WORDS;
static int zero_ends, skip_empty, trace, status;
static const char *replace;
static char **command;  // what was given, then room for the words
static size_t fixed, count, bytes;

static void run(char **arguments) {
    int result;
    for (char **word = arguments; trace && *word; word++)
        fprintf(stderr, word[1] ? "%s " : "%s\n", *word);
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        die_errno("cannot fork");
    if (child == 0) {
        // The words are ours to read: the command gets an empty input.
        close(STDIN_FILENO);
        open("/dev/null", O_RDONLY);
        execvp(arguments[0], arguments);
        int missing = errno == ENOENT;
        complain_errno("%s", arguments[0]);
        _exit(missing ? 127 : 126);
    }
    while (waitpid(child, &result, 0) < 0 && errno == EINTR) {
    }
    int code = WIFEXITED(result) ? WEXITSTATUS(result) : 0;
    if (code == 255) {
        complain("%s: exited with status 255; aborting", arguments[0]);
        exit(124);
    }
    if (WIFSIGNALED(result)) {
        complain("%s: terminated by signal %d", arguments[0], WTERMSIG(result));
        exit(125);
    }
    if (code == 126 || code == 127)
        exit(code);
    if (code != 0)
        status = 123;
}

static void run_collected(void) {
    command[fixed + count] = NULL;
    run(command);
    while (count > 0)
        free(command[fixed + --count]);
    bytes = 0;
}

// The argument with the line for every occurrence of `replace`; to be freed.
static char *substitute(const char *argument, const char *line) {
    size_t step = strlen(replace), size = strlen(argument) + 1;
    for (const char *p = argument; (p = strstr(p, replace)); p += step)
        size += strlen(line);
    char *result = need_memory(NULL, size), *end = result;
    for (const char *found; (found = strstr(argument, replace)); argument = found + step)
        end += sprintf(end, "%.*s%s", (int)(found - argument), argument, line);
    strcpy(end, argument);
    return result;
}

static void run_with_line(const char *line) {
    char **arguments = need_memory(NULL, (fixed + 1) * sizeof *arguments);
    for (size_t i = 0; i < fixed; i++)
        arguments[i] = substitute(command[i], line);
    arguments[fixed] = NULL;
    run(arguments);
    for (size_t i = 0; i < fixed; i++)
        free(arguments[i]);
    free(arguments);
}

static void add_word(const char *word) {
    if (bytes + strlen(word) + 1 > MOST_BYTES && count > 0)
        run_collected();
    command[fixed + count++] = need_copy(word);
    bytes += strlen(word) + 1;
    if (count == (size_t)most_words)
        run_collected();
}

static _Noreturn void complain_of_quote(int quote) {
    if (count > 0)
        run_collected();
    die("unmatched %s quote; by default quotes are special to xargs unless you use the -0 option",
        quote == '"' ? "double" : "single");
}

static int ends_word(int c, int quote) {
    if (zero_ends)
        return c == '\0';
    return !quote && (c == '\n' || (!replace && isspace(c)));
}

// The next word, or with -I the next line; quotes and backslashes are taken off. NULL at the end.
static const char *read_word(void) {
    static char *word;
    static size_t room;
    size_t length = 0;
    int c, quote = 0, begun = 0;
    while ((c = getchar()) != EOF) {
        if (ends_word(c, quote) && (begun || zero_ends))
            break;
        if (ends_word(c, quote) || (replace && !begun && isblank(c)))
            continue;
        begun = 1;
        if (!zero_ends) {
            if (quote && c == '\n')
                complain_of_quote(quote);
            if (quote ? c == quote : c == '"' || c == '\'') {
                quote = quote ? 0 : c;
                continue;
            }
            if (!quote && c == '\\' && (c = getchar()) == EOF)
                break;
        }
        if (length + 2 > room)
            word = need_memory(word, room = 2 * room + 64);
        word[length++] = c;
    }
    if (quote)
        complain_of_quote(quote);
    if (c == EOF && !begun)
        return NULL;
    if (!word)
        word = need_memory(word, room = 64);
    word[length] = '\0';
    return word;
}

static void read_options(int argc, char **argv) {
    int letter;
    while ((letter = next_option(argc, argv, "+0I:n:rt")) != -1) {
        switch (letter) {
            case '0': zero_ends = 1; break;
            case 'I': replace = optarg; break;
            case 'r': skip_empty = 1; break;
            case 't': trace = 1; break;
            case 'n':
                if (!parse_number(optarg, &most_words))
                    bad_usage("invalid number \"%s\" for -n option", optarg);
                if (most_words < 1)
                    bad_usage("value %s for -n option should be >= 1", optarg);
                if (most_words > MOST_WORDS)
                    most_words = MOST_WORDS;
        }
    }
}

int main(int argc, char **argv) {
    const char *word;
    unsigned long words = 0;
    utility_start(&self);
    read_options(argc, argv);
    static char *echo[] = {"echo"};
    char **given = optind < argc ? argv + optind : echo;
    fixed = optind < argc ? argc - optind : 1;
    command = need_memory(NULL, (fixed + MOST_WORDS + 1) * sizeof *command);
    memcpy(command, given, fixed * sizeof *command);
    for (; (word = read_word()) != NULL; words++) {
        if (replace)
            run_with_line(word);
        else
            add_word(word);
    }
    if (count > 0 || (words == 0 && !skip_empty && !replace))
        run_collected();
    return finish(status);
}
