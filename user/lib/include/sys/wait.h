// Waiting for children.
#pragma once

#include <abi/resource.h>
#include <abi/wait.h>
#include <sys/types.h>

// What the kernel has no use for; the rest is in abi/wait.h.
#define WSTOPPED WUNTRACED
#define WEXITED 4
#define WNOWAIT 0x01000000
#define P_ALL 0
#define P_PID 1
#define P_PGID 2
#define W_CONTINUED_STATUS 0xffff
#define WSTOPSIG(status) WEXITSTATUS(status)
#define WIFEXITED(status) (WTERMSIG(status) == 0)
#define WIFSTOPPED(status) (((status)&0xff) == 0x7f)
#define WIFCONTINUED(status) ((status) == W_CONTINUED_STATUS)
#define W_COREFLAG 0x80
#define WCOREDUMP(status) ((status)&W_COREFLAG)

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);
pid_t wait3(int *status, int options, struct rusage *usage);
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
