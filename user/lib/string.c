// Strings: length, copying, comparing.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

size_t strlen(const char *s) {
    const char *end = s;
    while (*end) end++;
    return (size_t)(end - s);
}

size_t strnlen(const char *s, size_t max) {
    size_t length = 0;
    while (length < max && s[length]) length++;
    return length;
}

char *stpcpy(char *to, const char *from) {
    while ((*to = *from++)) to++;
    return to;
}

char *strcpy(char *to, const char *from) {
    stpcpy(to, from);
    return to;
}

char *strncpy(char *to, const char *from, size_t size) {
    size_t length = strnlen(from, size);
    memcpy(to, from, length);
    memset(to + length, 0, size - length);
    return to;
}

char *strcat(char *to, const char *from) {
    stpcpy(to + strlen(to), from);
    return to;
}

char *strncat(char *to, const char *from, size_t max) {
    char *end = to + strlen(to);
    size_t length = strnlen(from, max);
    memcpy(end, from, length);
    end[length] = 0;
    return to;
}

size_t strlcpy(char *to, const char *from, size_t size) {
    size_t length = strlen(from);
    if (size > 0) {
        size_t fitting = length < size ? length : size - 1;
        memcpy(to, from, fitting);
        to[fitting] = 0;
    }
    return length;
}

size_t strlcat(char *to, const char *from, size_t size) {
    size_t used = strnlen(to, size);
    return used + strlcpy(to + used, from, size - used);
}

int strcmp(const char *a, const char *b) {
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t max) {
    for (; max > 0; max--, a++, b++) {
        if (*a != *b || *a == 0) return (unsigned char)*a - (unsigned char)*b;
    }
    return 0;
}

int strcoll(const char *a, const char *b) {
    return strcmp(a, b);
}

int strncasecmp(const char *a, const char *b, size_t max) {
    for (; max > 0; max--, a++, b++) {
        int x = tolower((unsigned char)*a), y = tolower((unsigned char)*b);
        if (x != y || x == 0) return x - y;
    }
    return 0;
}

int strcasecmp(const char *a, const char *b) {
    return strncasecmp(a, b, (size_t)-1);
}

char *strndup(const char *s, size_t max) {
    size_t length = strnlen(s, max);
    char *copy = malloc(length + 1);
    if (!copy) return NULL;
    memcpy(copy, s, length);
    copy[length] = 0;
    return copy;
}

char *strdup(const char *s) {
    return strndup(s, strlen(s));
}
