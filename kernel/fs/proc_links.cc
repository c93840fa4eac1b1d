// The links of /proc: self, and for each process exe, cwd, root and its descriptors. Following one
// does not read its text: it leads to the very inode (Inode::jump_target).
#include "fs/inode_path.h"
#include "fs/proc_inode.h"
#include "io/inode_file.h"
#include "io/process_files.h"

Ref<AddressSpace> space_of(Process& process) {
    SpinGuard guard(tree_lock);
    return process.space;
}

namespace {

// Copies a text as read_link wants it.
usize copy_text(StringView text, Span<char> to) {
    usize length = min(text.size(), to.size());
    memcpy(to.data(), text.data(), length);
    return length;
}

Result<Ref<Inode>> find_inode(u64 device, u64 ino) {
    Ref<FileSystem> fs = next_file_system(device - 1);
    if (!fs || fs->device() != device) return Errno{ENOENT};
    Ref<Inode> inode = fs->inodes.find(ino);
    return inode ? Result<Ref<Inode>>(move(inode)) : Errno{ENOENT};
}

class SelfLink final : public ProcInode {
  public:
    explicit SelfLink(Procfs& fs) : ProcInode(fs, kProcSelf, S_IFLNK | 0777) {}
    Result<usize> read_link(Span<char> to) override {
        Process* process = current_process_or_null();
        if (process == nullptr) return Errno{ENOENT};
        char text[16];
        usize length = format_into(text, sizeof text, "%d", process->pid);
        return copy_text({text, length}, to);
    }
};

// exe, cwd or root.
class ProcessLink final : public ProcInode {
  public:
    ProcessLink(Procfs& fs, u64 number) : ProcInode(fs, number, S_IFLNK | 0777) {}

    Result<Ref<Inode>> jump_target() override {
        if (proc_what(ino) == kProcLinks) return executable_of(pid());
        Ref<Process> process = find_process(pid());
        if (!process) return Errno{ENOENT};
        SpinGuard guard(tree_lock);  // keeps the extension
        ProcessFiles* files = process_files(*process);
        if (files == nullptr) return Errno{ENOENT};
        return proc_what(ino) == kProcLinks + 1 ? files->working_directory() : files->root();
    }
    Result<usize> read_link(Span<char> to) override {
        return path_of_inode(TRY(jump_target()), to);
    }
};

Result<Ref<File>> open_file_of(i32 pid, u64 fd) {
    Ref<Process> process = find_process(pid);
    if (!process) return Errno{ENOENT};
    Result<Ref<File>> file = process->files->get(static_cast<int>(fd));
    return file.ok() ? move(file) : Errno{ENOENT};
}

// What /proc/PID/fd/N leads to where the file has no inode: opening it gives that file again.
class OpenFileInode final : public ProcInode {
  public:
    OpenFileInode(Procfs& fs, u64 number) : ProcInode(fs, number, S_IFIFO | 0600) {}
    Result<Ref<File>> open(u32) override {
        return open_file_of(pid(), proc_what(ino) - kProcOpenFiles);
    }
};

class DescriptorLink final : public ProcInode {
  public:
    DescriptorLink(Procfs& fs, u64 number) : ProcInode(fs, number, S_IFLNK | 0700) {}

    Result<Ref<Inode>> jump_target() override {
        Ref<File> file = TRY(open_file_of(pid(), fd()));
        if (file->inode() != nullptr) return Ref<Inode>(*file->inode());
        return procfs().get(proc_number(pid(), kProcOpenFiles + fd()));
    }
    Result<usize> read_link(Span<char> to) override {
        Ref<File> file = TRY(open_file_of(pid(), fd()));
        if (file->inode() != nullptr) {
            Result<usize> length = path_of_inode(Ref<Inode>(*file->inode()), to);
            return length.ok() ? move(length) : copy_text("(unknown)", to);
        }
        struct stat stat = {};
        (void) file->stat(stat);
        char text[40];
        usize length = format_into(text, sizeof text, "pipe:[%lu]", stat.st_ino);
        return copy_text({text, length}, to);
    }

  private:
    u64 fd() const { return proc_what(ino) - kProcDescriptorLinks; }
};

}  // namespace

// The lowest file mapping is the program: the dynamic linker lies above it.
Result<Ref<Inode>> executable_of(i32 pid) {
    Ref<Process> process = find_process(pid);
    Ref<AddressSpace> space = process ? space_of(*process) : nullptr;
    if (!space) return Errno{ENOENT};
    Pager::Identity identity;
    {
        MutexGuard guard(space->lock);
        const AreaList& areas = space->areas();
        for (usize i = 0; i < areas.size() && identity.inode == 0; i++) {
            if (areas[i].pager) identity = areas[i].pager->identity();
        }
    }
    return identity.inode == 0 ? Result<Ref<Inode>>(Errno{ENOENT})
                               : find_inode(identity.device, identity.inode);
}

Result<Owned<Inode>> make_proc_self(Procfs& fs) { return Owned<Inode>(TRY(make<SelfLink>(fs))); }

Result<Owned<Inode>> make_proc_link(Procfs& fs, u64 number) {
    u64 what = proc_what(number);
    if (what >= kProcOpenFiles) return Owned<Inode>(TRY(make<OpenFileInode>(fs, number)));
    if (what >= kProcDescriptorLinks) return Owned<Inode>(TRY(make<DescriptorLink>(fs, number)));
    if (what - kProcLinks >= array_size(kProcessLinks)) return Errno{ENOENT};
    return Owned<Inode>(TRY(make<ProcessLink>(fs, number)));
}
