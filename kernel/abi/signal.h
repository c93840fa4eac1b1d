// Signals: numbers, actions, and the frame that a handler receives.
// RISC-V has no SA_RESTORER: a handler returns into the kernel's own trampoline page, which holds
// the two instructions SIGRETURN_INSN_0 and SIGRETURN_INSN_1 and nothing else; unwinders know them.
#pragma once

#include "abi/check.h"

#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGSEGV 11
#define SIGPIPE 13
#define SIGALRM 14
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGVTALRM 26
#define SIGPROF 27
#define SIGWINCH 28
#define SIGIO 29
#define NSIG 65  // one more than the highest number

// Bit n-1 is signal n. The system calls take sizeof(sigset_t) == 8 as an argument.
typedef uint64_t sigset_t;

#define SIG_BLOCK 0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP 0x00000001ul
#define SA_NOCLDWAIT 0x00000002ul
#define SA_ONSTACK 0x08000000ul
#define SA_RESTART 0x10000000ul
#define SA_NODEFER 0x40000000ul
#define SA_RESETHAND 0x80000000ul

union sigval {
    int32_t sival_int;
    void *sival_ptr;
};

typedef struct siginfo {
    int32_t si_signo;
    int32_t si_errno;
    int32_t si_code;
    int32_t si_pad;
    union {
        struct {  // kill, tgkill, sigqueue, SIGCHLD
            int32_t si_pid;
            uint32_t si_uid;
            union {
                int32_t si_status;  // SIGCHLD: exit status or signal
                union sigval si_value;
            };
            int64_t si_utime, si_stime;
        };
        void *si_addr;  // SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP
        uint8_t si_bytes[112];
    };
} siginfo_t;
ABI_SIZE(siginfo_t, 128);
ABI_OFFSET(siginfo_t, si_addr, 16);

typedef void (*sighandler_t)(int);
#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)

// rt_sigaction(2). The library's structure is the kernel's: there is no restorer to add.
struct sigaction {
    union {
        void (*sa_handler)(int);
        void (*sa_sigaction)(int, siginfo_t *, void *);
    };
    uint64_t sa_flags;
    sigset_t sa_mask;
};
ABI_SIZE(struct sigaction, 24);

typedef struct sigaltstack {
    void *ss_sp;
    int32_t ss_flags;
    uint64_t ss_size;
} stack_t;
ABI_SIZE(stack_t, 24);

#define SS_ONSTACK 1
#define SS_DISABLE 2
#define SS_AUTODISARM 0x80000000u
#define MINSIGSTKSZ 2048

// si_code: who sent the signal, or why.
#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_TKILL (-6)

#define ILL_ILLOPC 1
#define SEGV_MAPERR 1
#define SEGV_ACCERR 2
#define BUS_ADRALN 1
#define BUS_ADRERR 2
#define TRAP_BRKPT 1
#define CLD_EXITED 1
#define CLD_KILLED 2
#define CLD_TRAPPED 4
#define CLD_STOPPED 5
#define CLD_CONTINUED 6

// Registers in a signal frame: gregs[0] is pc, gregs[n] is x<n>.
struct abi_fpstate {
    uint64_t f[32];
    uint32_t fcsr;
    uint32_t reserved[3];  // with the rest of the union zero: no extension follows
};
ABI_SIZE(struct abi_fpstate, 272);

typedef struct mcontext {
    uint64_t gregs[32];
    union {
        struct abi_fpstate fpstate;
        uint8_t fp_bytes[528];
    } __attribute__((aligned(16)));
} mcontext_t;
ABI_SIZE(mcontext_t, 784);
ABI_OFFSET(mcontext_t, fpstate, 256);

#define REG_PC 0

typedef struct ucontext {
    uint64_t uc_flags;
    struct ucontext *uc_link;
    stack_t uc_stack;
    sigset_t uc_sigmask;
    uint8_t uc_reserved[128 - sizeof(sigset_t)];
    mcontext_t uc_mcontext;  // 16-aligned: 8 bytes of padding precede it
} ucontext_t;
ABI_SIZE(ucontext_t, 960);
ABI_OFFSET(ucontext_t, uc_mcontext, 176);

struct rt_sigframe {
    siginfo_t info;
    ucontext_t uc;
};
ABI_SIZE(struct rt_sigframe, 1088);

#define SIGRETURN_INSN_0 0x08b00893u  // li a7, 139 (rt_sigreturn)
#define SIGRETURN_INSN_1 0x00000073u  // ecall
