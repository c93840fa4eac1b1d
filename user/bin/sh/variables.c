// Variables of the shell; the exported ones are the environment of its children.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sh.h"

static struct variable *variables;

size_t name_length(const char *text) {
    size_t length = 0;
    if (isdigit((unsigned char)*text)) return 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_') length++;
    return length;
}

static struct variable *find(const char *name, size_t length) {
    for (struct variable *v = variables; v; v = v->next) {
        if (strncmp(v->name, name, length) == 0 && v->name[length] == 0) return v;
    }
    return NULL;
}

struct variable *find_variable(const char *name) {
    return find(name, strlen(name));
}

const char *get_variable(const char *name) {
    struct variable *variable = find_variable(name);
    return variable ? variable->value : NULL;
}

static struct variable *find_or_add(const char *name, size_t length) {
    struct variable *variable = find(name, length);
    if (variable) return variable;
    variable = need(calloc(1, sizeof(*variable)));
    variable->name = need(strndup(name, length));
    variable->next = variables;
    variables = variable;
    return variable;
}

static int set(const char *name, size_t length, const char *value) {
    struct variable *variable = find_or_add(name, length);
    if (variable->read_only) return report_error(-1, "%s: is read only", variable->name);
    char *copy = need(strdup(value));
    free(variable->value);
    variable->value = copy;
    return 0;
}

int set_variable(const char *name, const char *value) {
    return set(name, strlen(name), value);
}

int assign(const char *assignment) {
    const char *equals = strchr(assignment, '=');
    return set(assignment, (size_t)(equals - assignment), equals + 1);
}

int unset_variable(const char *name) {
    for (struct variable **link = &variables; *link; link = &(*link)->next) {
        struct variable *variable = *link;
        if (strcmp(variable->name, name) != 0) continue;
        if (variable->read_only) return report_error(-1, "%s: is read only", name);
        *link = variable->next;
        free(variable->name);
        free(variable->value);
        free(variable);
        return 0;
    }
    return 0;
}

struct variable *export_variable(const char *name) {
    struct variable *variable = find_or_add(name, strlen(name));
    variable->exported = 1;
    return variable;
}

void import_environment(char **environment) {
    for (; *environment; environment++) {
        size_t length = name_length(*environment);
        if (length == 0 || (*environment)[length] != '=') continue;
        set(*environment, length, *environment + length + 1);
        find(*environment, length)->exported = 1;
    }
}

char **export_environment(void) {
    size_t count = 0;
    for (struct variable *v = variables; v; v = v->next) count += v->exported && v->value;
    char **environment = need(malloc((count + 1) * sizeof(char *)));
    environment[count] = NULL;
    for (struct variable *v = variables; v; v = v->next) {
        if (!v->exported || !v->value) continue;
        size_t length = strlen(v->name);
        char *entry = need(malloc(length + strlen(v->value) + 2));
        memcpy(entry, v->name, length);
        entry[length] = '=';
        strcpy(entry + length + 1, v->value);
        environment[--count] = entry;
    }
    return environment;
}

static int by_name(const void *a, const void *b) {
    return strcmp((*(struct variable *const *)a)->name, (*(struct variable *const *)b)->name);
}

// In the order of their names.
void for_each_variable(void (*visit)(const struct variable *)) {
    size_t count = 0;
    for (struct variable *v = variables; v; v = v->next) count++;
    if (count == 0) return;
    struct variable **sorted = need(malloc(count * sizeof(*sorted)));
    size_t filled = 0;
    for (struct variable *v = variables; v; v = v->next) sorted[filled++] = v;
    qsort(sorted, count, sizeof(*sorted), by_name);
    for (size_t i = 0; i < count; i++) visit(sorted[i]);
    free(sorted);
}
