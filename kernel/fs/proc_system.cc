// The files of /proc that are about the machine, in Linux's forms (proc(5)), and those of
// /proc/goose: counters of the kernel's objects, exact, for tests that look for leaks.
#include "cpu/console.h"
#include "cpu/machine.h"
#include "cpu/rtc.h"
#include "fs/mount.h"
#include "fs/name_cache.h"
#include "fs/proc_inode.h"
#include "io/path.h"
#include "mm/heap.h"

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

Result<void> write_mounts(ProcText& text, i32) {
    struct Path {
        char text[PATH_MAX];
    };
    Owned<Path> path = TRY(make<Path>());
    MountEntry entry;
    for (usize index = 0; mount_entry(index, entry); index++) {
        Result<usize> length = path_of_directory(entry.fs->root(), Span<char>(path->text));
        if (length.ok()) {
            text.print("%s %s %s %s,noatime 0 0\n", entry.source, path->text, entry.fs->type(),
                       entry.fs->read_only() ? "ro" : "rw");
        }
    }
    return {};
}

Result<void> write_filesystems(ProcText& text, i32) {
    for (FileSystemType* type = next_file_system_type(nullptr); type != nullptr;
         type = next_file_system_type(type)) {
        text.print("%s\t%s\n", type->needs_device ? "" : "nodev", type->name);
    }
    return {};
}

void print_seconds(ProcText& text, u64 nanoseconds) {
    text.print("%lu.%02lu", nanoseconds / kSecond, nanoseconds / kTick % 100);
}

// How long threads have run on all harts together, and how much of it in user mode.
struct RunTimes {
    u64 all = 0;
    u64 user = 0;
};
RunTimes run_times() {
    RunTimes times;
    for_each_thread(
        [](Thread& thread, void* context) {
            auto& sum = *static_cast<RunTimes*>(context);
            bool idle = StringView(thread.name()).starts_with("idle");
            sum.all += idle ? 0 : thread.run_time();
            sum.user += idle ? 0 : thread.user_time();
        },
        &times);
    return times;
}

Result<void> write_uptime(ProcText& text, i32) {
    u64 now = time_now();
    u64 busy = run_times().all;
    print_seconds(text, now);
    text.put(' ');
    print_seconds(text, now * hart_count() - min(busy, now * hart_count()));
    text.put('\n');
    return {};
}

struct ThreadCounts {
    u32 all = 0;
    u32 runnable = 0;
};
ThreadCounts count_threads() {
    ThreadCounts counts;
    for_each_thread(
        [](Thread& thread, void* context) {
            auto& sum = *static_cast<ThreadCounts*>(context);
            bool idle = StringView(thread.name()).starts_with("idle");
            sum.all++;
            sum.runnable += !idle && thread.state() == ThreadState::kRunnable ? 1 : 0;
        },
        &counts);
    return counts;
}

// Averages are not kept: all three are the number of threads that want to run now.
Result<void> write_loadavg(ProcText& text, i32) {
    ThreadCounts counts = count_threads();
    text.print("%u.00 %u.00 %u.00 %u/%u %d\n", counts.runnable, counts.runnable, counts.runnable,
               counts.runnable, counts.all, current_process().pid);
    return {};
}

Result<void> write_stat(ProcText& text, i32) {
    RunTimes times = run_times();
    u64 whole = time_now() * hart_count();
    u64 system = times.all - min(times.user, times.all);
    text.print("cpu  %lu 0 %lu %lu 0 0 0 0 0 0\n", times.user / kTick, system / kTick,
               (whole - min(times.all, whole)) / kTick);
    text.print("btime %lu\n", (wall_clock_now() - time_now()) / kSecond);
    text.print("processes %lu\n", process_count());
    text.print("procs_running %u\n", count_threads().runnable);
    text.print("procs_blocked 0\n");
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

constexpr ProcFileEntry kSystemFiles[] = {
    {"cmdline", write_cmdline}, {"cpuinfo", write_cpuinfo}, {"filesystems", write_filesystems},
    {"loadavg", write_loadavg}, {"meminfo", write_meminfo}, {"mounts", write_mounts},
    {"stat", write_stat},       {"uptime", write_uptime},   {"version", write_version},
};

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
    NameCacheStats names = name_cache_stats();
    text.print("pages %lu\ndirty_pages %lu\n", pages.pages, pages.dirty);
    text.print("name_hits %lu\nname_misses %lu\n", names.hits, names.misses);
    return {};
}

constexpr ProcFileEntry kGooseFiles[] = {
    {"caches", write_caches},
    {"frames", write_frames},
    {"objects", write_objects},
};

}  // namespace

Span<const ProcFileEntry> proc_system_files() { return kSystemFiles; }
Span<const ProcFileEntry> proc_goose_files() { return kGooseFiles; }
