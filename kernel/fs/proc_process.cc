// The files and links of /proc/PID, in Linux's forms (proc(5)). Who looks at a process from outside
// holds tree_lock, copies references, and lets go.
#include "fs/proc.h"
#include "io/process_files.h"
#include "io/terminal.h"

namespace {

constexpr u64 kStatTick = 10 * kMillisecond;

// What the files say about a process, read at one moment.
struct Snapshot {
    Ref<Process> process;
    Ref<AddressSpace> space;  // null in a zombie
    i32 parent = 0, group = 0, session = 0, tracer = 0;
    char state = 'S';
    u64 user_time = 0, system_time = 0;
    u64 children_user_time = 0, children_system_time = 0;
    u64 pending = 0, blocked = 0, ignored = 0, caught = 0;

    Result<void> take(i32 pid);
    u64 pages() const { return space ? space->mapped_bytes() / kPageSize : 0; }
    u64 resident() const { return space ? space->resident_pages() : 0; }
    const char* state_name() const;

  private:
    void take_signals();
};

Result<void> Snapshot::take(i32 pid) {
    process = find_process(pid);
    if (!process) return Errno{ESRCH};
    SpinGuard guard(tree_lock);
    space = process->space;
    parent = process->parent == nullptr ? 0 : process->parent->pid;
    tracer = process->tracer == nullptr ? 0 : process->tracer->pid;
    group = process->group;
    session = process->session;
    user_time = process->user_time;
    system_time = process->system_time;
    children_user_time = process->children_user_time;
    children_system_time = process->children_system_time;
    take_signals();
    state = process->state == ProcessState::kZombie    ? 'Z'
            : process->state == ProcessState::kStopped ? 'T'
                                                       : state;
    return {};
}

void Snapshot::take_signals() {
    Signals& signals = process->signals;
    SpinGuard guard(signals.lock);
    if (process->thread) {
        Thread& thread = *process->thread;
        state = thread.state() == ThreadState::kRunnable ? 'R' : 'S';
        user_time = thread.user_time();
        system_time = thread.run_time() - min(user_time, thread.run_time());
    }
    if (signals.trace_stopped) state = 't';
    pending = signals.pending;
    blocked = signals.blocked;
    for (int signal = 1; signal < NSIG; signal++) {
        auto handler = signals.actions[signal].sa_handler;
        ignored |= handler == SIG_IGN ? signal_bit(signal) : 0;
        caught |= handler != SIG_IGN && handler != SIG_DFL ? signal_bit(signal) : 0;
    }
}

const char* Snapshot::state_name() const {
    switch (state) {
    case 'R': return "running";
    case 'T': return "stopped";
    case 't': return "tracing stop";
    case 'Z': return "zombie";
    default: return "sleeping";
    }
}

// One line of 52 fields; programs count them.
Result<void> write_process_stat(ProcText& text, i32 pid) {
    Snapshot now;
    TRY(now.take(pid));
    Process& process = *now.process;
    i32 foreground = console_terminal().foreground_of(now.session);
    u64 terminal = foreground < 0 ? 0 : kConsoleDevice;
    text.print("%d (%s) %c %d %d %d %lu %d 0 ", pid, process.name, now.state, now.parent, now.group,
               now.session, terminal, foreground);
    text.print("%lu 0 0 0 ", process.minor_faults.load());
    text.print("%lu %lu %lu %lu ", now.user_time / kStatTick, now.system_time / kStatTick,
               now.children_user_time / kStatTick, now.children_system_time / kStatTick);
    text.print("20 0 1 0 %lu %lu %lu %lu ", process.start_time / kStatTick, now.pages() * kPageSize,
               now.resident(), ~u64{0});
    text.print("0 0 0 0 0 %lu %lu %lu %lu ", now.pending, now.blocked, now.ignored, now.caught);
    text.print("0 0 0 %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", SIGCHLD);
    return {};
}

Result<void> write_status(ProcText& text, i32 pid) {
    Snapshot now;
    TRY(now.take(pid));
    Process& process = *now.process;
    text.print("Name:\t%s\nUmask:\t%04o\n", process.name, process.umask.load());
    text.print("State:\t%c (%s)\n", now.state, now.state_name());
    text.print("Tgid:\t%d\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n", pid, pid,
               now.parent, now.tracer);
    text.print("Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
    if (now.space) {
        text.print("VmSize:\t%8lu kB\n", now.pages() * (kPageSize / 1024));
        text.print("VmRSS:\t%8lu kB\n", now.resident() * (kPageSize / 1024));
    }
    text.print("Threads:\t1\n");
    text.print("SigPnd:\t%016lx\nSigBlk:\t%016lx\n", now.pending, now.blocked);
    text.print("SigIgn:\t%016lx\nSigCgt:\t%016lx\n", now.ignored, now.caught);
    return {};
}

Result<void> write_statm(ProcText& text, i32 pid) {
    Snapshot now;
    TRY(now.take(pid));
    text.print("%lu %lu 0 0 0 %lu 0\n", now.pages(), now.resident(), now.pages());
    return {};
}

Result<void> write_comm(ProcText& text, i32 pid) {
    Snapshot now;
    TRY(now.take(pid));
    text.print("%s\n", now.process->name);
    return {};
}

// The argument strings, each with its NUL, as they stand in the process's memory.
Result<void> write_arguments(ProcText& text, i32 pid) {
    Snapshot now;
    TRY(now.take(pid));
    if (!now.space) return {};
    VirtAddr start = now.space->argument_start;
    UserSpan arguments(*now.space, start, now.space->argument_end - start);
    for (usize done = 0; done < arguments.size();) {
        char piece[128];
        usize count = min(sizeof piece, arguments.size() - done);
        if (!arguments.copy_in(done, piece, count).ok()) {
            break;  // it has just ended, or unmapped its stack
        }
        for (char c : Span<char>(piece, count)) text.put(c);
        done += count;
    }
    return {};
}

void write_area(ProcText& text, const Area& area, const AddressSpace& space) {
    auto letter = [&](u32 flag, char c) { return (area.protection & flag) != 0 ? c : '-'; };
    Pager::Identity identity;
    if (area.pager) identity = area.pager->identity();
    text.print("%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu", area.start.value, area.end.value,
               letter(PROT_READ, 'r'), letter(PROT_WRITE, 'w'), letter(PROT_EXEC, 'x'),
               area.is_shared() ? 's' : 'p', area.page_offset * kPageSize,
               ABI_MAJOR(identity.device), ABI_MINOR(identity.device), identity.inode);
    if (area.end.value == kStackTop) {
        text.print("  [stack]");
    } else if (!area.pager && area.start.value == space.break_start()) {
        text.print("  [heap]");
    }
    text.put('\n');
}

Result<void> write_maps(ProcText& text, i32 pid) {
    Snapshot now;
    TRY(now.take(pid));
    if (!now.space) return {};
    MutexGuard guard(now.space->lock);
    const AreaList& areas = now.space->areas();
    for (usize i = 0; i < areas.size(); i++) write_area(text, areas[i], *now.space);
    return {};
}

// The lowest file mapping is the program: the dynamic linker lies above it.
Result<Ref<Inode>> executable(const Inode& link) {
    Snapshot now;
    TRY(now.take(proc_pid(link.ino)));
    if (!now.space) return Errno{ENOENT};
    MutexGuard guard(now.space->lock);
    const AreaList& areas = now.space->areas();
    for (usize i = 0; i < areas.size(); i++) {
        Pager::Identity identity = areas[i].pager ? areas[i].pager->identity() : Pager::Identity{};
        if (identity.inode == 0) continue;
        Ref<FileSystem> fs = next_file_system(identity.device - 1);
        Ref<Inode> inode =
            fs && fs->device() == identity.device ? fs->inodes.find(identity.inode) : nullptr;
        if (inode) return inode;
    }
    return Errno{ENOENT};
}

template <Ref<Inode> (ProcessFiles::*Get)() const>
Result<Ref<Inode>> directory_of(const Inode& link) {
    Ref<Process> process = find_process(proc_pid(link.ino));
    if (!process) return Errno{ENOENT};
    SpinGuard guard(tree_lock);  // keeps the extension
    ProcessFiles* files = process_files(*process);
    if (files == nullptr) return Errno{ENOENT};
    return (files->*Get)();
}

constexpr ProcEntry kPipe = {"", S_IFIFO | 0600};

// The inode of the open file; of a pipe, which has none, one in /proc: opening it gives that file.
Result<Ref<Inode>> descriptor_target(const Inode& link) {
    Ref<File> file = TRY(proc_open_file(link));
    if (file->inode() != nullptr) return Ref<Inode>(*file->inode());
    return proc_inode(link.fs, link.ino - kProcDescriptors + kProcPipes, kPipe);
}

i32 next_descriptor(i32 pid, i32 from) {
    Ref<Process> process = find_process(pid);
    return process ? process->files->next_in_use(from) : -1;
}

constexpr ProcEntry kDescriptor = {"", S_IFLNK | 0700, nullptr, descriptor_target};

constexpr ProcEntry kProcessEntries[] = {
    {"cmdline", kProcFile, write_arguments},
    {"comm", kProcFile, write_comm},
    {"maps", kProcFile, write_maps},
    {"mountinfo", kProcFile, write_mount_info},
    {"mounts", kProcFile, write_mounts},
    {"stat", kProcFile, write_process_stat},
    {"statm", kProcFile, write_statm},
    {"status", kProcFile, write_status},
    {"exe", kProcLink, nullptr, executable},
    {"cwd", kProcLink, nullptr, directory_of<&ProcessFiles::working_directory>},
    {"root", kProcLink, nullptr, directory_of<&ProcessFiles::root>},
    {"fd", kProcFolder, nullptr, nullptr, {}, &kDescriptor, next_descriptor},
};

}  // namespace

constinit const ProcEntry kProcProcess = {"", kProcFolder, nullptr, nullptr, kProcessEntries};
