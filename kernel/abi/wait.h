// wait4: options, and the meaning of a status word.
#pragma once

#define WNOHANG 1
#define WUNTRACED 2
#define WCONTINUED 8

// Building a status word (kernel) ...
#define W_EXITCODE(exit_code, signal) ((((exit_code) & 0xff) << 8) | (signal))
#define W_STOPCODE(signal) (((signal) << 8) | 0x7f)

// ... and taking it apart (user).
#define WTERMSIG(status) ((status) & 0x7f)
#define WEXITSTATUS(status) (((status) >> 8) & 0xff)
#define WIFSIGNALED(status) (WTERMSIG(status) != 0 && WTERMSIG(status) != 0x7f)
