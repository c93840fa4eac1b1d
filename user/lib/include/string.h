// Memory and strings.
#pragma once

#include <stddef.h>

void *memchr(const void *memory, int c, size_t size);
void *memrchr(const void *memory, int c, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memcpy(void *to, const void *from, size_t size);
void *mempcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *memory, int c, size_t size);
void *memmem(const void *hay, size_t hay_size, const void *needle, size_t needle_size);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strcpy(char *to, const char *from);
char *stpcpy(char *to, const char *from);
char *strncpy(char *to, const char *from, size_t size);
char *strcat(char *to, const char *from);
char *strncat(char *to, const char *from, size_t max);
size_t strlcpy(char *to, const char *from, size_t size);
size_t strlcat(char *to, const char *from, size_t size);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
int strcoll(const char *a, const char *b);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strstr(const char *hay, const char *needle);
char *strcasestr(const char *hay, const char *needle);
char *strpbrk(const char *s, const char *accept);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);
char *strtok(char *s, const char *separators);
char *strtok_r(char *s, const char *separators, char **state);
char *strsep(char **s, const char *separators);
char *strdup(const char *s);
char *strndup(const char *s, size_t max);

char *strerror(int error);
const char *strerrorname_np(int error);  // "ENOENT"; NULL if there is none
int strerror_r(int error, char *buf, size_t size);
char *strsignal(int signal);

int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t max);
