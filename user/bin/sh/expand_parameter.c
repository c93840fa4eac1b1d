// Parameters: $name, ${name}, ${name-word} and its like, positional and special parameters.
// Reference: POSIX, Shell Command Language, 2.5 and 2.6.2.
#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

static const char *number_text(long number) {
    static char text[24];
    snprintf(text, sizeof(text), "%ld", number);
    return text;
}

static const char *option_letters(void) {
    static char text[8];
    snprintf(text, sizeof(text), "%s%s%s%s%s", shell.exit_on_error ? "e" : "",
             shell.no_glob ? "f" : "", shell.interactive ? "i" : "",
             shell.unset_is_error ? "u" : "", shell.trace ? "x" : "");
    return text;
}

static const char *positional(long n) {
    if (n == 0) return shell.name;
    return n <= shell.argument_count ? shell.arguments[n - 1] : NULL;
}

// NULL if the parameter is not set.
static const char *parameter_value(const char *name) {
    if (isdigit((unsigned char)*name)) return positional(atol(name));
    switch (*name) {
    case '#': return number_text(shell.argument_count);
    case '?': return number_text(shell.status);
    case '$': return number_text(shell.pid);
    case '!': return shell.background ? number_text(shell.background) : NULL;
    case '-': return option_letters();
    default: return get_variable(name);
    }
}

// $@ gives a field for each parameter; "$*" joins them by the first character of IFS.
static void expand_all(struct fields *fields, char which, int quoted) {
    const char *separators = get_variable("IFS");
    char join[2] = {separators ? *separators : ' ', 0};
    int separate = fields->splitting && (which == '@' || !quoted);
    for (int i = 0; i < shell.argument_count; i++) {
        if (i > 0 && separate) field_end(fields);
        if (i > 0 && !separate) field_text(fields, which == '@' ? " " : join, quoted);
        field_text(fields, shell.arguments[i], quoted);
        if (quoted && separate) fields->started = 1;
    }
}

// How long a parameter's name is: letters, digits, or one special character. 0: none.
static size_t parameter_length(const char *text) {
    size_t length = name_length(text);
    if (length > 0) return length;
    if (isdigit((unsigned char)*text)) return strspn(text, "0123456789");
    return *text && strchr("@*#?$!-", *text) ? 1 : 0;
}

// ${name%pattern} and its three sisters: the value without what the pattern matches.
static void expand_trimmed(struct fields *fields, const char *value, char which, int longest,
                           const char *pattern, int quoted) {
    size_t size = strlen(value), best = 0;
    char *part = need(strdup(value));
    for (size_t length = 0; length <= size; length++) {
        // Candidates from short to long; the last that matches is the longest.
        if (which == '%') strcpy(part, value + size - length);
        else memcpy(part, value, length), part[length] = 0;
        if (fnmatch(pattern, part, 0) != 0) continue;
        best = length;
        if (!longest) break;
    }
    strcpy(part, which == '#' ? value + best : value);
    if (which == '%') part[size - best] = 0;
    field_text(fields, part, quoted);
    free(part);
}

static char *expand_operand(const char *word) {
    struct fields fields = {.splitting = 0};
    expand_part(&fields, word, '}', 0);
    fields.started = 1;
    field_end(&fields);
    char *text = fields.list[0];
    free(fields.list);
    free(fields.text);
    return text;
}

static void fail_parameter(struct fields *fields, const char *name, const char *text) {
    report_error(2, "%s: %s", name, text);
    fatal(2);
    fields->failed = 1;
}

static void expand_value(struct fields *fields, const char *name, const char *value, int quoted) {
    if (*name == '@' || *name == '*') expand_all(fields, *name, quoted);
    else if (value) field_text(fields, value, quoted);
    else if (shell.unset_is_error) fail_parameter(fields, name, "parameter not set");
}

// ${name operator word}: `p` is at the operator.
static void expand_with_operator(struct fields *fields, const char *name, const char *p,
                                 int quoted) {
    int or_empty = *p == ':';
    if (or_empty) p++;
    char which = *p++;
    const char *value = *name == '@' || *name == '*' ? (shell.argument_count ? "set" : NULL)
                                                     : parameter_value(name);
    int present = value && !(or_empty && *value == 0);
    if (which == '%' || which == '#') {
        int longest = *p == which;
        char *pattern = expand_pattern(p + longest, '}');
        if (value) expand_trimmed(fields, value, which, longest, pattern, quoted);
        free(pattern);
    } else if (which == '+') {
        if (present) expand_part(fields, p, '}', quoted);
    } else if (present) {
        expand_value(fields, name, value, quoted);
    } else if (which == '-') {
        expand_part(fields, p, '}', quoted);
    } else if (which == '=') {
        char *text = expand_operand(p);
        if (set_variable(name, text) < 0) fields->failed = 1;
        field_text(fields, text, quoted);
        free(text);
    } else {
        char *text = expand_operand(p);
        fail_parameter(fields, name, *text ? text : "parameter not set");
        free(text);
    }
}

static const char *skip_until(const char *p, char stop);

// Past what begins at p: one character, or a whole quotation or expansion.
static const char *skip_one(const char *p) {
    if (*p == '\\') return p[1] ? p + 2 : p + 1;
    if (*p == '\'' || *p == '"' || *p == '`') return skip_until(p + 1, *p);
    if (*p == '$' && p[1] == '(') return skip_until(p + 2, ')');
    if (*p == '$' && p[1] == '{') return skip_until(p + 2, '}');
    return p + 1;
}

static const char *skip_until(const char *p, char stop) {
    int depth = 0;
    while (*p) {
        if (*p == stop && depth == 0) return p + 1;
        if (stop == ')') depth += (*p == '(') - (*p == ')');
        int plain = stop == '\'' || (stop == '"' && *p == '\'');
        p = plain ? p + 1 : skip_one(p);
    }
    return p;
}

static const char *expand_braces(struct fields *fields, const char *word, int quoted) {
    const char *p = word + 2, *end = skip_one(word);
    int length_wanted = *p == '#' && p[1] != '}' && parameter_length(p + 1) > 0;
    p += length_wanted;
    size_t length = parameter_length(p);
    char *name = need(strndup(p, length));
    const char *after = p + length;
    if (length > 0 && length_wanted && *after == '}') {
        const char *value = parameter_value(name);
        char size[24];
        snprintf(size, sizeof(size), "%zu", value ? strlen(value) : 0);
        field_text(fields, size, quoted);
    } else if (length > 0 && !length_wanted && *after == '}') {
        expand_value(fields, name, parameter_value(name), quoted);
    } else if (length > 0 && !length_wanted &&
               (strchr("-=?+%#", *after) || (*after == ':' && strchr("-=?+", after[1])))) {
        expand_with_operator(fields, name, after, quoted);
    } else {
        report_error(2, "Bad substitution");
        fatal(2);
        fields->failed = 1;
    }
    free(name);
    return end;
}

// $((expression)): `word` is the text between the inner parentheses.
static void expand_arithmetic(struct fields *fields, const char *word, int quoted) {
    char *expression = expand_here_document(word);
    long value = 0;
    if (!expression || evaluate(expression, &value) < 0) {
        fields->failed = 1;
        fatal(2);
    }
    field_text(fields, number_text(value), quoted);
    free(expression);
}

const char *expand_dollar(struct fields *fields, const char *word, int quoted) {
    if (word[1] == '{') return expand_braces(fields, word, quoted);
    if (word[1] == '(' && word[2] == '(') {
        const char *end = skip_one(word), *inner = skip_until(word + 3, ')');
        if (inner[0] == ')' && inner + 1 == end) {
            char *expression = need(strndup(word + 3, (size_t)(inner - word) - 4));
            expand_arithmetic(fields, expression, quoted);
            free(expression);
            return end;
        }
    }
    if (word[1] == '(') {
        const char *end = skip_one(word);
        char *command = need(strndup(word + 2, (size_t)(end - word) - 3));
        expand_command(fields, command, quoted);
        free(command);
        return end;
    }
    size_t length = parameter_length(word + 1);
    if (isdigit((unsigned char)word[1])) length = 1;  // $10 is ${1}0
    if (length == 0) {
        field_character(fields, '$', 1);
        return word + 1;
    }
    char *name = need(strndup(word + 1, length));
    expand_value(fields, name, parameter_value(name), quoted);
    free(name);
    return word + 1 + length;
}

// Between backquotes a backslash quotes only $, ` and itself (and " inside double quotes).
const char *expand_backquotes(struct fields *fields, const char *word, int quoted) {
    const char *end = skip_one(word);
    char *command = need(strndup(word + 1, (size_t)(end - word) - 2));
    char *to = command;
    for (char *from = command; *from; *to++ = *from++) {
        if (*from == '\\' && from[1] && strchr(quoted ? "$`\\\"" : "$`\\", from[1])) from++;
    }
    *to = 0;
    expand_command(fields, command, quoted);
    free(command);
    return end;
}
