// read [-r] [-p prompt] name ...: one line of standard input, split at the characters of IFS; the
// last name gets the rest. It reads byte by byte, because what follows the line is for others.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

struct line {
    char *text;
    char *quoted;  // 1 for each character that a backslash protects from being a separator
    size_t length, room;
    int complete;  // ended by a newline
};

static void append(struct line *line, char c, int quoted) {
    if (line->length + 1 >= line->room) {
        line->room = line->room ? line->room * 2 : 128;
        line->text = need(realloc(line->text, line->room));
        line->quoted = need(realloc(line->quoted, line->room));
    }
    line->quoted[line->length] = (char)quoted;
    line->text[line->length++] = c;
    line->text[line->length] = 0;
}

static int read_byte(char *c) {
    return read_unless_interrupted(STDIN_FILENO, c, 1) == 1;
}

static void read_line(struct line *line, int raw) {
    char c;
    while (read_byte(&c)) {
        if (c == '\n') {
            line->complete = 1;
            return;
        }
        if (c != '\\' || raw) {
            append(line, c, 0);
        } else {
            if (!read_byte(&c)) return;
            if (c != '\n') append(line, c, 1);
        }
    }
}

enum separator { NO_SEPARATOR, SPACE, MARK };

static enum separator separator_at(const struct line *line, size_t i) {
    const char *separators = get_variable("IFS");
    if (!separators) separators = " \t\n";
    if (i >= line->length || line->quoted[i] || !strchr(separators, line->text[i])) {
        return NO_SEPARATOR;
    }
    return isspace((unsigned char)line->text[i]) ? SPACE : MARK;
}

static size_t skip_space(const struct line *line, size_t i) {
    while (separator_at(line, i) == SPACE) i++;
    return i;
}

static int assign_part(const struct line *line, size_t from, size_t to, const char *name) {
    char *value = need(strndup(line->text + from, to - from));
    int result = set_variable(name, value);
    free(value);
    return result;
}

// The last name's part: the rest without the white space at its end, and without a separator there
// if it is the only one.
static size_t rest_end(const struct line *line, size_t from) {
    size_t end = line->length;
    while (end > from && separator_at(line, end - 1) == SPACE) end--;
    if (end > from && separator_at(line, end - 1) == MARK) {
        size_t first = from;
        while (separator_at(line, first) == NO_SEPARATOR) first++;
        if (first == end - 1) end--;
        while (end > from && separator_at(line, end - 1) == SPACE) end--;
    }
    return end;
}

static int split(const struct line *line, char **names) {
    size_t i = skip_space(line, 0);
    for (; names[1]; names++) {
        size_t end = i;
        while (end < line->length && separator_at(line, end) == NO_SEPARATOR) end++;
        if (assign_part(line, i, end, *names) < 0) return 2;
        i = skip_space(line, end);
        if (separator_at(line, i) == MARK) i = skip_space(line, i + 1);
    }
    return assign_part(line, i, rest_end(line, i), *names) < 0 ? 2 : 0;
}

int builtin_read(int argc, char **argv) {
    int option, raw = 0, first = 1;
    for (; first < argc && argv[first][0] == '-' && argv[first][1]; first++) {
        option = argv[first][1];
        if (option == 'r') raw = 1;
        else if (option == 'p' && first + 1 < argc) fputs(argv[++first], stderr);
        else if (option == '-') {
            first++;
            break;
        } else return report_error(2, "read: Illegal option -%c", option);
    }
    if (first == argc) return report_error(2, "read: arg count");
    struct line line = {0};
    append(&line, 0, 0);  // so that there is a text
    line.length = 0;
    line.text[0] = 0;
    read_line(&line, raw);
    int status = split(&line, argv + first);
    free(line.text);
    free(line.quoted);
    if (status == 0 && !line.complete) return shell.interrupted ? 130 : 1;
    return status;
}
