// See out_of_memory.h. Processes that were promised more memory than there is (fork and mmap promise
// freely) meet the truth at a page fault, where no error can be returned: somebody has to go.
#include "process/out_of_memory.h"

#include "cpu/console.h"
#include "process/process.h"
#include "thread/scheduler.h"

namespace {

struct Search {
    Process* largest = nullptr;
    u64 pages = 0;
    bool somebody_leaves = false;
};

void consider(Process& process, void* context) {
    Search& search = *static_cast<Search*>(context);
    if (process.state == ProcessState::kZombie || process.pid == 1 || !process.space) return;
    if (process.signals.kill_pending()) search.somebody_leaves = true;
    u64 pages = process.space->resident_pages();
    if (pages > search.pages) {
        search.largest = &process;
        search.pages = pages;
    }
}

}  // namespace

void relieve_memory() {
    Search search;
    {
        SpinGuard guard(tree_lock);
        for_each_process_locked(consider, &search);
        if (!search.somebody_leaves && search.largest != nullptr) {
            kprintf("out of memory: process %d (%s) had most, %lu KiB, and is killed\n",
                    search.largest->pid, search.largest->name, search.pages * (kPageSize / 1024));
            send_signal(*search.largest, SIGKILL);
        }
    }
    static_cast<void>(sleep_until(time_now() + kMillisecond));
}
