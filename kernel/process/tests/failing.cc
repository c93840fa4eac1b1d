// Failing allocations (FAIL=1): the system call that asks for them, and the hook of the allocators.
//     long fail_allocations(unsigned long n, int once)     number 500
// makes the caller's n-th allocation fail from now on, and each n-th after it unless `once` says that
// it is one only; 0 ends it. The caller's children inherit it, and count anew. Answers how many
// allocations have failed in this way since power-on, of all processes.
// What interrupt handlers allocate is nobody's and never fails.
#include "process/failing.h"

#if FAIL
#include "cpu/init.h"
#include "mm/failing.h"
#include "process/process.h"
#include "process/syscall.h"

namespace {

constexpr u32 kNumber = 500;
constinit Atomic<u64> failed{0};

bool fails_now() {
    Process* process = current_process_or_null();
    if (process == nullptr || process->failing.every == 0) return false;
    {
        InterruptsOff off;
        if (this_hart().in_interrupt) return false;
    }
    FailingAllocations& failing = process->failing;
    if (++failing.count % failing.every != 0) return false;
    if (failing.once && failing.count != failing.every) return false;
    failed.fetch_add(1);
    return true;
}

void set_hook() { fail_allocation = fails_now; }
INIT(Stage::kProcesses, set_hook);

Result<i64> sys_fail_allocations(u64 every, int once) {
    current_process().failing = {every, once != 0, 0};
    return static_cast<i64>(failed.load());
}
TABLE_ENTRY(syscall)
SyscallEntry fail_entry = {kNumber, "fail_allocations",
                           SyscallAdapter<sys_fail_allocations>::call};

}  // namespace

FailingAllocations FailingAllocations::inherited() {
    Process* parent = current_process_or_null();
    if (parent == nullptr) return {};
    return {parent->failing.every, parent->failing.once, 0};
}

bool page_fault_failed_on_purpose() {
    Process& process = current_process();
    if (process.failing.every == 0) return false;
    if (!process.failing.once) send_signal(process, SIGKILL);
    return true;
}
#endif
