// Running out of memory. Processes that were promised more memory than there is (fork and mmap promise
// freely) meet the truth at a page fault, where no error can be returned: somebody has to go.
#include "cpu/console.h"
#include "process/process.h"
#include "thread/scheduler.h"

// BEGIN SOLUTION(memory.relieve)
void relieve_memory() {
    {
        SpinGuard guard(tree_lock);
        Process* largest = nullptr;
        u64 most = 0;
        bool somebody_leaves = false;
        for (Process& process : all_processes) {
            if (process.pid == 1 || process.state == ProcessState::kZombie) continue;
            somebody_leaves = somebody_leaves || process.signals.kill_pending();
            u64 pages = process.space ? process.space->resident_pages() : 0;
            if (pages > most) largest = &process;
            most = max(most, pages);
        }
        if (!somebody_leaves && largest != nullptr) {
            kprintf("out of memory: process %d (%s) had most, %lu KiB, and is killed\n",
                    largest->pid, largest->name, most * (kPageSize / 1024));
            send_signal(*largest, SIGKILL);
        }
    }
    static_cast<void>(sleep_until(time_now() + kMillisecond));
}
// END SOLUTION
// STUB: void relieve_memory() { panic("memory.relieve: yours to write"); }
// UNTIL: void relieve_memory() { send_signal(current_process(), SIGKILL); }
