// err(3), error(3), assert(3): messages on standard error.
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report(const char *format, va_list arguments, const char *reason) {
    fflush(stdout);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    if (format) vfprintf(stderr, format, arguments);
    if (format && reason) fputs(": ", stderr);
    if (reason) fputs(reason, stderr);
    fputs("\n", stderr);
}

void vwarn(const char *format, va_list arguments) {
    report(format, arguments, strerror(errno));
}

void vwarnx(const char *format, va_list arguments) {
    report(format, arguments, NULL);
}

void verr(int status, const char *format, va_list arguments) {
    vwarn(format, arguments);
    exit(status);
}

void verrx(int status, const char *format, va_list arguments) {
    vwarnx(format, arguments);
    exit(status);
}

void warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vwarn(format, arguments);
    va_end(arguments);
}

void warnx(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vwarnx(format, arguments);
    va_end(arguments);
}

void err(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    verr(status, format, arguments);
}

void errx(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    verrx(status, format, arguments);
}

void error(int status, int error_number, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fprintf(stderr, "%s: ", program_invocation_name);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (error_number) fprintf(stderr, ": %s", strerror(error_number));
    fputs("\n", stderr);
    if (status) exit(status);
}

void __assert_fail(const char *expression, const char *file, unsigned int line,
                   const char *function) {
    fprintf(stderr, "%s: %s:%u: %s: Assertion `%s' failed.\n", program_invocation_short_name, file,
            line, function, expression);
    abort();
}
