// clone, clone3 and prctl.
// clone's arguments on RISC-V: flags, stack, parent_tid, tls, child_tid; each of the last three
// is meant only if its flag is set and may otherwise hold anything.
#pragma once

#include "abi/check.h"

#define CLONE_VM 0x00000100
#define CLONE_FS 0x00000200
#define CLONE_FILES 0x00000400
#define CLONE_SIGHAND 0x00000800
#define CLONE_PIDFD 0x00001000
#define CLONE_VFORK 0x00004000
#define CLONE_THREAD 0x00010000
#define CLONE_SETTLS 0x00080000
#define CLONE_PARENT_SETTID 0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_CHILD_SETTID 0x01000000
#define CLONE_CLEAR_SIGHAND 0x100000000ull

// clone3(2), as far as every caller has it.
struct clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};
ABI_SIZE(struct clone_args, 64);

#define PR_SET_NAME 15
#define PR_GET_NAME 16
