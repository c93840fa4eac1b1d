// Error numbers; errno is set in one place (syscall_error.c) and by a few functions of the library.
#pragma once

#include <abi/errno.h>

extern int errno;
extern char *program_invocation_name;
extern char *program_invocation_short_name;
