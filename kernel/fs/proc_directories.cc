// The directories of /proc: the root, /proc/goose, one for each process, and its descriptors.
#include "abi/dirent.h"
#include "base/format.h"
#include "fs/proc_inode.h"

namespace {

// The index of the entry with this name, or the table's size.
u64 index_in(Span<const ProcFileEntry> table, StringView name) {
    u64 index = 0;
    while (index < table.size() && !(name == table[index].name)) index++;
    return index;
}

// A decimal number without leading zeroes, or -1.
i32 parse_pid(StringView name) {
    u64 number = 0;
    bool digits = !name.empty() && name.size() < 10 && name[0] != '0';
    for (char c : name) {
        digits = digits && c >= '0' && c <= '9';
        number = number * 10 + static_cast<u64>(c - '0');
    }
    return digits || name == "0" ? static_cast<i32>(number) : -1;
}

struct NumberName {
    explicit NumberName(u64 number) { size = format_into(text, sizeof text, "%lu", number); }
    StringView view() const { return {text, size}; }
    char text[24];
    usize size;
};

class ProcRootDirectory final : public ProcDirectory {
  public:
    explicit ProcRootDirectory(Procfs& fs) : ProcDirectory(fs, kProcRoot, kProcRoot) {}

    u64 number_of(StringView name) override {
        if (name == "self") return kProcSelf;
        if (name == "goose") return kProcGoose;
        u64 index = index_in(proc_system_files(), name);
        if (index < proc_system_files().size()) return kProcFiles + index;
        i32 pid = parse_pid(name);
        return pid > 0 && find_process(pid) ? proc_number(pid, 0) : 0;
    }

    // First the fixed entries, then the processes at position kProcesses + pid.
    bool show(u64& position, DirectoryVisitor& visitor) override {
        Span<const ProcFileEntry> files = proc_system_files();
        if (position < files.size()) {
            u64 at = position++;
            return visitor.entry(files[at].name, kProcFiles + at, DT_REG, position + kDots);
        }
        if (position == files.size()) {
            position++;
            return visitor.entry("self", kProcSelf, DT_LNK, position + kDots);
        }
        if (position < kProcesses) {
            position = kProcesses;
            return visitor.entry("goose", kProcGoose, DT_DIR, position + kDots);
        }
        Ref<Process> process = next_process(static_cast<i32>(position - kProcesses));
        if (!process) return false;
        position = kProcesses + static_cast<u64>(process->pid) + 1;
        return visitor.entry(NumberName(static_cast<u64>(process->pid)).view(),
                             proc_number(process->pid, 0), DT_DIR, position + kDots);
    }

  private:
    static constexpr u64 kProcesses = 0x100;
};

class ProcGooseDirectory final : public ProcDirectory {
  public:
    explicit ProcGooseDirectory(Procfs& fs) : ProcDirectory(fs, kProcGoose, kProcRoot) {}

    u64 number_of(StringView name) override {
        u64 index = index_in(proc_goose_files(), name);
        return index < proc_goose_files().size() ? kProcGoose + 1 + index : 0;
    }
    bool show(u64& position, DirectoryVisitor& visitor) override {
        if (position >= proc_goose_files().size()) return false;
        u64 at = position++;
        return visitor.entry(proc_goose_files()[at].name, kProcGoose + 1 + at, DT_REG,
                             position + kDots);
    }
};

class ProcProcessDirectory final : public ProcDirectory {
  public:
    ProcProcessDirectory(Procfs& fs, u64 number) : ProcDirectory(fs, number, kProcRoot) {}

    u64 number_of(StringView name) override {
        u64 files = proc_process_files().size();
        u64 index = index_in(proc_process_files(), name);
        if (index < files) return proc_number(pid(), kProcFiles + index);
        for (u64 link = 0; link < array_size(kProcessLinks); link++) {
            if (name == kProcessLinks[link]) return proc_number(pid(), kProcLinks + link);
        }
        return name == "fd" ? proc_number(pid(), kProcDescriptors) : 0;
    }

    bool show(u64& position, DirectoryVisitor& visitor) override {
        u64 files = proc_process_files().size();
        u64 links = array_size(kProcessLinks);
        u64 at = position++;
        u64 next = position + kDots;
        if (at < files) {
            u64 number = proc_number(pid(), kProcFiles + at);
            return visitor.entry(proc_process_files()[at].name, number, DT_REG, next);
        }
        if (at < files + links) {
            u64 number = proc_number(pid(), kProcLinks + at - files);
            return visitor.entry(kProcessLinks[at - files], number, DT_LNK, next);
        }
        u64 number = proc_number(pid(), kProcDescriptors);
        return at == files + links && visitor.entry("fd", number, DT_DIR, next);
    }
};

class ProcDescriptorDirectory final : public ProcDirectory {
  public:
    ProcDescriptorDirectory(Procfs& fs, u64 number)
        : ProcDirectory(fs, number, proc_number(proc_pid(number), 0)) {}

    u64 number_of(StringView name) override {
        i32 fd = parse_pid(name);
        Ref<Process> process = find_process(pid());
        if (fd < 0 || !process || !process->files->get(fd).ok()) return 0;
        return proc_number(pid(), kProcDescriptorLinks + static_cast<u64>(fd));
    }
    bool show(u64& position, DirectoryVisitor& visitor) override {
        Ref<Process> process = find_process(pid());
        int fd = process ? process->files->next_in_use(static_cast<int>(position)) : -1;
        if (fd < 0) return false;
        position = static_cast<u64>(fd) + 1;
        return visitor.entry(NumberName(static_cast<u64>(fd)).view(),
                             proc_number(pid(), kProcDescriptorLinks + static_cast<u64>(fd)),
                             DT_LNK, position + kDots);
    }
};

}  // namespace

Result<Owned<Inode>> make_proc_root(Procfs& fs) {
    return Owned<Inode>(TRY(make<ProcRootDirectory>(fs)));
}
Result<Owned<Inode>> make_proc_goose(Procfs& fs) {
    return Owned<Inode>(TRY(make<ProcGooseDirectory>(fs)));
}
Result<Owned<Inode>> make_proc_process(Procfs& fs, u64 number) {
    return Owned<Inode>(TRY(make<ProcProcessDirectory>(fs, number)));
}
Result<Owned<Inode>> make_proc_descriptors(Procfs& fs, u64 number) {
    return Owned<Inode>(TRY(make<ProcDescriptorDirectory>(fs, number)));
}
