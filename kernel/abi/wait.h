// wait4 and waitid: options, and the meaning of a status word.
#pragma once

#define WNOHANG 1
#define WUNTRACED 2
#define WSTOPPED WUNTRACED
#define WEXITED 4
#define WCONTINUED 8
#define WNOWAIT 0x01000000

#define P_ALL 0
#define P_PID 1
#define P_PGID 2

// Building a status word (kernel) ...
#define W_EXITCODE(exit_code, signal) ((((exit_code) & 0xff) << 8) | (signal))
#define W_STOPCODE(signal) (((signal) << 8) | 0x7f)
#define W_CONTINUED_STATUS 0xffff
#define W_COREFLAG 0x80

// ... and taking it apart (user).
#define WTERMSIG(status) ((status) & 0x7f)
#define WEXITSTATUS(status) (((status) >> 8) & 0xff)
#define WSTOPSIG(status) WEXITSTATUS(status)
#define WIFEXITED(status) (WTERMSIG(status) == 0)
#define WIFSIGNALED(status) (WTERMSIG(status) != 0 && WTERMSIG(status) != 0x7f)
#define WIFSTOPPED(status) (((status) & 0xff) == 0x7f)
#define WIFCONTINUED(status) ((status) == W_CONTINUED_STATUS)
#define WCOREDUMP(status) ((status) & W_COREFLAG)
