// Words to arguments: expansions, then splitting of what they gave, then path names for patterns,
// then the quotes go. While a field is built, each character that was quoted has a backslash in
// front, so that patterns see what is ordinary. Reference: POSIX, Shell Command Language, 2.6.
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

static void put(struct fields *fields, char c) {
    if (fields->length + 2 > fields->text_room) {
        fields->text_room = fields->text_room ? fields->text_room * 2 : 64;
        fields->text = need(realloc(fields->text, fields->text_room));
    }
    fields->text[fields->length++] = c;
    fields->text[fields->length] = 0;
}

void field_character(struct fields *fields, char c, int quoted) {
    if (quoted && !isalnum((unsigned char)c) && c != '/') put(fields, '\\');
    put(fields, c);
    fields->started = 1;
    fields->after_space = 0;
}

// In place: "\a\*" to "a*".
static char *remove_backslashes(char *text) {
    char *to = text;
    for (char *from = text; *from; *to++ = *from++) {
        if (*from == '\\' && from[1]) from++;
    }
    *to = 0;
    return text;
}

static void add_field(struct fields *fields, const char *text) {
    if (fields->count + 2 > fields->room) {
        fields->room = fields->room ? fields->room * 2 : 16;
        fields->list = need(realloc(fields->list, fields->room * sizeof(char *)));
    }
    fields->list[fields->count++] = remove_backslashes(need(strdup(text)));
    fields->list[fields->count] = NULL;
}

// Adds the path names that the field matches; 0 if it is no pattern or matches nothing.
static int add_paths(struct fields *fields) {
    size_t plain = 0;
    for (; fields->text[plain]; plain++) {
        if (strchr("*?[", fields->text[plain])) break;
        if (fields->text[plain] == '\\' && fields->text[plain + 1]) plain++;
    }
    if (fields->text[plain] == 0 || shell.no_glob) return 0;
    glob_t found;
    if (glob(fields->text, 0, NULL, &found) != 0) return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        add_field(fields, "");
        free(fields->list[fields->count - 1]);  // as it is: file names have no quotes
        fields->list[fields->count - 1] = need(strdup(found.gl_pathv[i]));
    }
    globfree(&found);
    return 1;
}

void field_end(struct fields *fields) {
    if (fields->started) {
        put(fields, 0);
        if (!fields->splitting || !add_paths(fields)) add_field(fields, fields->text);
    }
    fields->length = 0;
    fields->started = 0;
}

// One character that an unquoted expansion gave, where fields are split. Separators are the
// characters of IFS: white space joins, each other one ends a field.
static void split_character(struct fields *fields, char c) {
    const char *separators = get_variable("IFS");
    if (!separators) separators = " \t\n";
    if (c == 0 || !strchr(separators, c)) {
        if (c == '\\') put(fields, '\\');  // a backslash from a variable quotes nothing
        field_character(fields, c, 0);
    } else if (isspace((unsigned char)c)) {
        int ended = fields->started;
        field_end(fields);
        if (ended) fields->after_space = 1;
    } else {
        if (!fields->after_space) fields->started = 1;  // nothing between two separators is a field
        field_end(fields);
        fields->after_space = 0;
    }
}

void field_text(struct fields *fields, const char *text, int quoted) {
    for (; *text; text++) {
        if (quoted || !fields->splitting) {
            field_character(fields, *text, quoted || !fields->pattern);
        } else split_character(fields, *text);
    }
}

static const char *expand_double_quotes(struct fields *fields, const char *word) {
    size_t length = fields->length, count = fields->count;
    int before = fields->started;
    const char *end = expand_part(fields, word, '"', 1);
    // "" is an empty field, but "$@" without parameters is none at all.
    int only_parameters = strncmp(word, "$@\"", 3) == 0 || strncmp(word, "${@}\"", 5) == 0;
    int empty = fields->length == length && fields->count == count;
    fields->started = !(empty && only_parameters && !before);
    return *end ? end + 1 : end;
}

// Between double quotes a backslash is special only in front of what could be special there.
static const char *expand_backslash(struct fields *fields, const char *word, char stop,
                                    int quoted) {
    char c = word[1];
    if (c == 0) {
        field_character(fields, '\\', 1);
        return word + 1;
    }
    int escapes = !quoted || strchr(fields->here ? "$`\\" : "$`\"\\", c) || c == stop;
    if (!escapes) field_character(fields, '\\', 1);
    field_character(fields, c, 1);
    return word + 2;
}

static const char *expand_single_quotes(struct fields *fields, const char *word) {
    fields->started = 1;
    for (; *word && *word != '\''; word++) field_character(fields, *word, 1);
    return *word ? word + 1 : word;
}

// Expands up to `stop` (or the end, if it is 0); returns the place of `stop`.
const char *expand_part(struct fields *fields, const char *word, char stop, int quoted) {
    while (*word && *word != stop && !fields->failed) {
        if (*word == '\\') {
            word = expand_backslash(fields, word, stop, quoted);
        } else if (*word == '\'' && !quoted) {
            word = expand_single_quotes(fields, word + 1);
        } else if (*word == '"' && !fields->here) {
            word = expand_double_quotes(fields, word + 1);
        } else if (*word == '$') {
            word = expand_dollar(fields, word, quoted);
        } else if (*word == '`') {
            word = expand_backquotes(fields, word, quoted);
        } else {
            field_character(fields, *word++, quoted);
        }
    }
    return word;
}

// ~ and ~/... are the home directory.
static const char *expand_tilde(struct fields *fields, const char *word) {
    const char *home = get_variable("HOME");
    if (word[0] != '~' || (word[1] != 0 && word[1] != '/') || !home) return word;
    field_text(fields, home, 1);
    return word + 1;
}

char **expand_words(const struct word *words, size_t *count) {
    struct fields fields = {.splitting = 1};
    for (; words && !fields.failed; words = words->next) {
        fields.after_space = 0;
        expand_part(&fields, expand_tilde(&fields, words->text), 0, 0);
        field_end(&fields);
    }
    if (!fields.list) fields.list = need(calloc(1, sizeof(char *)));
    free(fields.text);
    *count = fields.count;
    if (!fields.failed) return fields.list;
    free_list(fields.list);
    return NULL;
}

// The one field that has been built, or NULL if that failed.
static char *finish_text(struct fields *fields) {
    fields->started = 1;
    field_end(fields);
    char *text = fields->failed ? NULL : fields->list[0];
    if (fields->failed) free_list(fields->list);
    else free(fields->list);
    free(fields->text);
    return text;
}

char *expand_text(const char *word) {
    struct fields fields = {.splitting = 0};
    expand_part(&fields, expand_tilde(&fields, word), 0, 0);
    return finish_text(&fields);
}

char *expand_here_document(const char *body) {
    struct fields fields = {.splitting = 0, .here = 1};
    expand_part(&fields, body, 0, 1);
    return finish_text(&fields);
}

char *expand_pattern(const char *word, char stop) {
    struct fields fields = {.pattern = 1};
    expand_part(&fields, stop ? word : expand_tilde(&fields, word), stop, 0);
    field_character(&fields, 0, 0);  // the text ends here
    return fields.text;
}

void free_list(char **list) {
    for (char **entry = list; entry && *entry; entry++) free(*entry);
    free(list);
}
