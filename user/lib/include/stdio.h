// Buffered streams and formatted output.
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#define EOF (-1)
#define BUFSIZ 4096
#define FILENAME_MAX 4096
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2

#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

typedef struct goose_file FILE;

extern FILE *const stdin;
extern FILE *const stdout;
extern FILE *const stderr;

FILE *fopen(const char *path, const char *mode);
FILE *fdopen(int fd, const char *mode);
FILE *freopen(const char *path, const char *mode, FILE *file);
int fclose(FILE *file);
int fflush(FILE *file);
int setvbuf(FILE *file, char *buf, int mode, size_t size);
void setbuf(FILE *file, char *buf);
void setlinebuf(FILE *file);
int fileno(FILE *file);
int feof(FILE *file);
int ferror(FILE *file);
void clearerr(FILE *file);

int fgetc(FILE *file);
int getc(FILE *file);
int getchar(void);
int ungetc(int c, FILE *file);
char *fgets(char *buf, int size, FILE *file);
size_t fread(void *buf, size_t size, size_t count, FILE *file);
ssize_t getline(char **line, size_t *size, FILE *file);
ssize_t getdelim(char **line, size_t *size, int delimiter, FILE *file);

int fputc(int c, FILE *file);
int putc(int c, FILE *file);
int putchar(int c);
int fputs(const char *text, FILE *file);
int puts(const char *text);
size_t fwrite(const void *buf, size_t size, size_t count, FILE *file);

int fseek(FILE *file, long offset, int whence);
int fseeko(FILE *file, off_t offset, int whence);
long ftell(FILE *file);
off_t ftello(FILE *file);
void rewind(FILE *file);

#define GOOSE_FORMAT(at, first) __attribute__((format(printf, at, first)))
int printf(const char *format, ...) GOOSE_FORMAT(1, 2);
int fprintf(FILE *file, const char *format, ...) GOOSE_FORMAT(2, 3);
int dprintf(int fd, const char *format, ...) GOOSE_FORMAT(2, 3);
int sprintf(char *buf, const char *format, ...) GOOSE_FORMAT(2, 3);
int snprintf(char *buf, size_t size, const char *format, ...) GOOSE_FORMAT(3, 4);
int asprintf(char **text, const char *format, ...) GOOSE_FORMAT(2, 3);
int vprintf(const char *format, va_list arguments) GOOSE_FORMAT(1, 0);
int vfprintf(FILE *file, const char *format, va_list arguments) GOOSE_FORMAT(2, 0);
int vdprintf(int fd, const char *format, va_list arguments) GOOSE_FORMAT(2, 0);
int vsprintf(char *buf, const char *format, va_list arguments) GOOSE_FORMAT(2, 0);
int vsnprintf(char *buf, size_t size, const char *format, va_list arguments) GOOSE_FORMAT(3, 0);
int vasprintf(char **text, const char *format, va_list arguments) GOOSE_FORMAT(2, 0);
int sscanf(const char *text, const char *format, ...) __attribute__((format(scanf, 2, 3)));
int vsscanf(const char *text, const char *format, va_list arguments);

void perror(const char *text);
int remove(const char *path);
int rename(const char *old_path, const char *new_path);
int renameat(int old_dirfd, const char *old_path, int new_dirfd, const char *new_path);
