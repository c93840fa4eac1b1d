// The environment. Entries that setenv made are its own; putenv's and the kernel's are not, and
// nothing tells them apart, so a replaced entry is left where it is.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char **allocated;  // the array we made, if environ is ours

static char **find(const char *name, size_t length) {
    for (char **entry = environ; entry && *entry; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return entry;
    }
    return NULL;
}

char *getenv(const char *name) {
    size_t length = strlen(name);
    char **entry = find(name, length);
    return entry ? *entry + length + 1 : NULL;
}

static int append(char *assignment) {
    size_t count = 0;
    while (environ && environ[count]) count++;
    char **grown = realloc(allocated, (count + 2) * sizeof(char *));
    if (!grown) return -1;
    if (environ != allocated && count > 0) memcpy(grown, environ, count * sizeof(char *));
    grown[count] = assignment;
    grown[count + 1] = NULL;
    allocated = environ = grown;
    return 0;
}

int putenv(char *assignment) {
    char *equals = strchr(assignment, '=');
    if (!equals) return unsetenv(assignment);
    char **entry = find(assignment, (size_t)(equals - assignment));
    if (!entry) return append(assignment);
    *entry = assignment;
    return 0;
}

int setenv(const char *name, const char *value, int overwrite) {
    size_t length = strlen(name);
    if (length == 0 || strchr(name, '=')) {
        errno = EINVAL;
        return -1;
    }
    if (!overwrite && find(name, length)) return 0;
    char *assignment = malloc(length + strlen(value) + 2);
    if (!assignment) return -1;
    memcpy(assignment, name, length);
    assignment[length] = '=';
    strcpy(assignment + length + 1, value);
    if (putenv(assignment) == 0) return 0;
    free(assignment);
    return -1;
}

int unsetenv(const char *name) {
    size_t length = strlen(name);
    if (length == 0 || strchr(name, '=')) {
        errno = EINVAL;
        return -1;
    }
    for (char **entry; (entry = find(name, length));) {
        for (; *entry; entry++) entry[0] = entry[1];
    }
    return 0;
}

int clearenv(void) {
    environ = NULL;
    return 0;
}
