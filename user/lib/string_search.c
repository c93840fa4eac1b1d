// Strings: finding characters and strings, splitting.
#include <string.h>

char *strchrnul(const char *s, int c) {
    while (*s && *s != (char)c) s++;
    return (char *)s;
}

char *strchr(const char *s, int c) {
    char *found = strchrnul(s, c);
    return *found == (char)c ? found : NULL;
}

char *strrchr(const char *s, int c) {
    return memrchr(s, c, strlen(s) + 1);
}

char *strstr(const char *hay, const char *needle) {
    return memmem(hay, strlen(hay), needle, strlen(needle));
}

char *strcasestr(const char *hay, const char *needle) {
    size_t length = strlen(needle);
    for (;; hay++) {
        if (strncasecmp(hay, needle, length) == 0) return (char *)hay;
        if (*hay == 0) return NULL;
    }
}

size_t strcspn(const char *s, const char *reject) {
    size_t length = 0;
    while (s[length] && !strchr(reject, s[length])) length++;
    return length;
}

size_t strspn(const char *s, const char *accept) {
    size_t length = 0;
    while (s[length] && strchr(accept, s[length])) length++;
    return length;
}

char *strpbrk(const char *s, const char *accept) {
    s += strcspn(s, accept);
    return *s ? (char *)s : NULL;
}

char *strsep(char **s, const char *separators) {
    char *start = *s;
    if (!start) return NULL;
    char *end = start + strcspn(start, separators);
    *s = *end ? end + 1 : NULL;
    *end = 0;
    return start;
}

char *strtok_r(char *s, const char *separators, char **state) {
    if (!s) s = *state;
    if (s) s += strspn(s, separators);
    if (!s || *s == 0) {
        *state = NULL;
        return NULL;
    }
    return strsep((*state = s, state), separators);
}

char *strtok(char *s, const char *separators) {
    static char *state;
    return strtok_r(s, separators, &state);
}
