// Messages "program: text: reason" on standard error.
#pragma once

#include <stdarg.h>

#define GOOSE_ERR_FORMAT(n) __attribute__((format(printf, n, (n) + 1)))
_Noreturn void err(int status, const char *format, ...) GOOSE_ERR_FORMAT(2);
_Noreturn void errx(int status, const char *format, ...) GOOSE_ERR_FORMAT(2);
void warn(const char *format, ...) GOOSE_ERR_FORMAT(1);
void warnx(const char *format, ...) GOOSE_ERR_FORMAT(1);
_Noreturn void verr(int status, const char *format, va_list arguments);
_Noreturn void verrx(int status, const char *format, va_list arguments);
void vwarn(const char *format, va_list arguments);
void vwarnx(const char *format, va_list arguments);
