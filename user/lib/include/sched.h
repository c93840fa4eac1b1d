// Scheduling and clone flags.
#pragma once

#include <abi/sched.h>
#include <sys/types.h>

// What the kernel has no use for; the rest is in abi/sched.h.
#define CSIGNAL 0x000000ff  // the signal sent to the parent at exit
#define CLONE_PTRACE 0x00002000
#define CLONE_PARENT 0x00008000
#define CLONE_NEWNS 0x00020000
#define CLONE_SYSVSEM 0x00040000
#define CLONE_DETACHED 0x00400000
#define CLONE_UNTRACED 0x00800000
#define SCHED_OTHER 0
#define SCHED_FIFO 1
#define SCHED_RR 2

typedef struct {
    unsigned long bits[16];
} cpu_set_t;

#define CPU_ZERO(set) (*(set) = (cpu_set_t){{0}})
#define CPU_SET(cpu, set) ((set)->bits[(cpu) / 64] |= 1ul << ((cpu) % 64))
#define CPU_CLR(cpu, set) ((set)->bits[(cpu) / 64] &= ~(1ul << ((cpu) % 64)))
#define CPU_ISSET(cpu, set) (((set)->bits[(cpu) / 64] >> ((cpu) % 64)) & 1)
#define CPU_COUNT(set) __cpu_count(set)

int __cpu_count(const cpu_set_t *set);
int sched_yield(void);
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);
int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set);
