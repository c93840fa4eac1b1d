// The files of /proc that are about the machine, in Linux's forms (proc(5)), and those of
// /proc/goose: counters of the kernel's objects, exact, for tests that look for leaks.
#include "cpu/console.h"
#include "cpu/machine.h"
#include "cpu/rtc.h"
#include "fs/mount.h"
#include "fs/proc.h"
#include "mm/heap.h"
#include "process/process.h"
#include "thread/scheduler.h"

namespace {

constexpr u64 kKibiPerPage = kPageSize / 1024;
constexpr u64 kTick = 10 * kMillisecond;  // of which /proc/stat counts 100 a second

Result<void> write_meminfo(ProcText& text, i32) {
    MemoryStats memory = memory_stats();
    PageCacheStats cache = page_cache_stats();
    HeapStats heap = heap_stats();
    auto line = [&](const char* name, u64 pages) {
        text.print("%-15s %8lu kB\n", name, pages * kKibiPerPage);
    };
    line("MemTotal:", memory.total);
    line("MemFree:", memory.free);
    line("MemAvailable:", memory.free + cache.pages - cache.dirty);
    line("Buffers:", 0);
    line("Cached:", cache.pages);
    line("SwapTotal:", 0);
    line("SwapFree:", 0);
    line("Dirty:", cache.dirty);
    line("Slab:", heap.slabs);
    line("KernelStack:", memory.used[static_cast<u8>(FrameUse::kStack)]);
    line("PageTables:", memory.used[static_cast<u8>(FrameUse::kPageTable)]);
    return {};
}

Result<void> write_filesystems(ProcText& text, i32) {
    for (const FileSystemType& type : file_system_types()) {
        text.print("%s\t%s\n", type.needs_device ? "" : "nodev", type.name);
    }
    return {};
}

// How many threads there are, and want to run now.
struct Threads {
    u32 count = 0, runnable = 0;

    Threads() {
        for_each_thread(
            [](Thread& thread, void* context) {
                auto& sum = *static_cast<Threads*>(context);
                sum.count++;
                if (StringView(thread.name()).starts_with("idle")) return;
                sum.runnable += thread.state() == ThreadState::kRunnable ? 1 : 0;
            },
            this);
    }
};

// What a hart has done since power-on, or all of them together.
struct HartTimes {
    u64 user = 0, system = 0, idle = 0;

    void add(unsigned index) {
        Scheduler& scheduler = Scheduler::of(index);
        u64 whole = time_now(), busy = scheduler.user_time() + scheduler.system_time();
        user += scheduler.user_time();
        system += scheduler.system_time();
        idle += whole - min(busy, whole);
    }
    static HartTimes of_all() {
        HartTimes all;
        for (unsigned index = 0; index < hart_count(); index++) all.add(index);
        return all;
    }
    void write(ProcText& text) const {
        text.print(" %lu 0 %lu %lu 0 0 0 0 0 0\n", user / kTick, system / kTick, idle / kTick);
    }
};

Result<void> write_uptime(ProcText& text, i32) {
    auto seconds = [&](u64 time, char end) {
        text.print("%lu.%02lu%c", time / kSecond, time / kTick % 100, end);
    };
    seconds(time_now(), ' ');
    seconds(HartTimes::of_all().idle, '\n');
    return {};
}

// Averages are not kept: all three are the number of threads that want to run now.
Result<void> write_loadavg(ProcText& text, i32) {
    Threads now;
    text.print("%u.00 %u.00 %u.00 %u/%u %d\n", now.runnable, now.runnable, now.runnable,
               now.runnable, now.count, current_process().pid);
    return {};
}

Result<void> write_stat(ProcText& text, i32) {
    Threads now;
    text.print("cpu ");
    HartTimes::of_all().write(text);
    for (unsigned index = 0; index < hart_count(); index++) {
        HartTimes times;
        times.add(index);
        text.print("cpu%u", index);
        times.write(text);
    }
    text.print("btime %lu\nprocesses %lu\nprocs_running %u\nprocs_blocked 0\n",
               (wall_clock_now() - time_now()) / kSecond, process_count(), now.runnable);
    return {};
}

Result<void> write_version(ProcText& text, i32) {
    text.print("Linux version 6.1.0-goose (goose) (g++ %s) #1 goose\n", __VERSION__);
    return {};
}

Result<void> write_cpuinfo(ProcText& text, i32) {
    for (unsigned index = 0; index < hart_count(); index++) {
        text.print("processor\t: %u\nhart\t\t: %lu\nisa\t\t: rv64imafdc\nmmu\t\t: sv39\n\n", index,
                   hart(index).id);
    }
    return {};
}

Result<void> write_cmdline(ProcText& text, i32) {
    StringView words = device_tree().bootargs();
    text.print("%.*s\n", static_cast<int>(words.size()), words.data());
    return {};
}

// /proc/goose.
Result<void> write_frames(ProcText& text, i32) {
    MemoryStats memory = memory_stats();
    text.print("total %lu\nfree %lu\n", memory.total, memory.free);
    for (unsigned use = 0; use < kFrameUses; use++) {
        text.print("%s %lu\n", kFrameUseNames[use], memory.used[use]);
    }
    return {};
}

Result<void> write_objects(ProcText& text, i32) {
    HeapStats heap = heap_stats();
    text.print("heap_objects %lu\nheap_bytes %lu\n", heap.objects, heap.bytes);
    text.print("open_files %lu\ninodes %ld\n", File::live_count(), Inode::live_count());
    text.print("threads %lu\nprocesses %lu\n", thread_count(), process_count());
    return {};
}

Result<void> write_caches(ProcText& text, i32) {
    PageCacheStats pages = page_cache_stats();
    text.print("pages %lu\ndirty_pages %lu\n", pages.pages, pages.dirty);
    return {};
}

Result<void> write_self(ProcText& text, i32) {
    Process* process = current_process_or_null();
    if (process == nullptr) return Errno{ENOENT};
    text.print("%d", process->pid);
    return {};
}

i32 next_pid(i32, i32 from) {
    Ref<Process> process = next_process(from);
    return process ? process->pid : -1;
}

constexpr ProcEntry kGooseFiles[] = {
    {"caches", kProcFile, write_caches},
    {"frames", kProcFile, write_frames},
    {"objects", kProcFile, write_objects},
};

constexpr ProcEntry kSystemFiles[] = {
    {"cmdline", kProcFile, write_cmdline},
    {"cpuinfo", kProcFile, write_cpuinfo},
    {"filesystems", kProcFile, write_filesystems},
    {"loadavg", kProcFile, write_loadavg},
    {"meminfo", kProcFile, write_meminfo},
    {"mounts", kProcFile, write_mounts},
    {"stat", kProcFile, write_stat},
    {"uptime", kProcFile, write_uptime},
    {"version", kProcFile, write_version},
    {"self", kProcLink, write_self},
    {"goose", kProcFolder, nullptr, nullptr, kGooseFiles},
};

}  // namespace

constinit const ProcEntry kProcRoot = {"",           kProcFolder,   nullptr, nullptr,
                                       kSystemFiles, &kProcProcess, next_pid};
