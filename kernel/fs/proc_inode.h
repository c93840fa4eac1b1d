// The inner side of procfs. Nothing is stored: an inode's number says what it is, and the inode is
// made from its number when it is looked up and destroyed after its last user.
//
//   1                        /proc itself
//   0x100 + i                the i-th of its files            (proc_system.cc)
//   0x200, 0x201 + i         /proc/goose and its files        (proc_system.cc)
//   0x300                    /proc/self
//   pid << 16                /proc/PID
//   pid << 16 | 0x100 + i    the i-th of its files            (proc_process.cc)
//   pid << 16 | 0x200 + i    its links: exe, cwd, root
//   pid << 16 | 0x300        /proc/PID/fd
//   pid << 16 | 0x4000 + n   the link for descriptor n
//   pid << 16 | 0x8000 + n   what that leads to, where it has no inode of its own (a pipe)
#pragma once
#include "fs/proc_text.h"
#include "fs/procfs.h"
#include "process/process.h"

inline constexpr u64 kProcRoot = 1;
inline constexpr u64 kProcFiles = 0x100;
inline constexpr u64 kProcGoose = 0x200;
inline constexpr u64 kProcSelf = 0x300;
inline constexpr u64 kProcLinks = 0x200;
inline constexpr u64 kProcDescriptors = 0x300;
inline constexpr u64 kProcDescriptorLinks = 0x4000;
inline constexpr u64 kProcOpenFiles = 0x8000;

constexpr u64 proc_number(i32 pid, u64 what) { return static_cast<u64>(pid) << 16 | what; }
constexpr i32 proc_pid(u64 number) { return static_cast<i32>(number >> 16); }
constexpr u64 proc_what(u64 number) { return number & 0xffff; }

class Procfs final : public FileSystem {
  public:
    Procfs() : FileSystem("proc", Resting::kNowhere) {}
    Result<void> create_root();
    Ref<Inode> root() override { return root_; }
    Result<void> statfs(struct statfs& result) override;

    // The inode of this number. ENOENT where that says nothing (any more).
    Result<Ref<Inode>> get(u64 number);

  private:
    Result<Owned<Inode>> make_inode(u64 number);
    Result<Owned<Inode>> make_process_inode(u64 number);

    Ref<Inode> root_;
};

// A file: its name, and who writes its text. `pid` is 0 for files that are no process's. ESRCH
// where the process has ended.
struct ProcFileEntry {
    const char* name;
    Result<void> (*write)(ProcText& text, i32 pid);
};
Span<const ProcFileEntry> proc_system_files();
Span<const ProcFileEntry> proc_goose_files();
Span<const ProcFileEntry> proc_process_files();
inline constexpr const char* kProcessLinks[] = {"exe", "cwd", "root"};

class ProcInode : public Inode {
  public:
    ProcInode(FileSystem& fs, u64 number, u32 mode) : Inode(fs, number, mode) { nlink.store(1); }

  protected:
    Procfs& procfs() { return static_cast<Procfs&>(fs); }
    i32 pid() const { return proc_pid(ino); }
};

class ProcFile final : public ProcInode {
  public:
    ProcFile(FileSystem& fs, u64 number, const ProcFileEntry& entry)
        : ProcInode(fs, number, S_IFREG | 0444), entry_(entry) {}
    Result<Ref<File>> open(u32 flags) override;
    Result<void> write_text(ProcText& text) { return entry_.write(text, pid()); }

  private:
    const ProcFileEntry& entry_;
};

class ProcDirectory : public ProcInode {
  public:
    ProcDirectory(FileSystem& fs, u64 number, u64 parent)
        : ProcInode(fs, number, S_IFDIR | 0555), parent_(parent) {
        nlink.store(2);
    }
    Result<Ref<Inode>> lookup(StringView name) final;
    Result<void> list(u64 from, DirectoryVisitor& visitor) final;

  protected:
    // The number of the entry with this name; 0 where there is none.
    virtual u64 number_of(StringView name) = 0;
    // Shows the entry at `position` (from 0), if there is one, and moves `position` behind it.
    // False at the end, or when the visitor has had enough.
    virtual bool show(u64& position, DirectoryVisitor& visitor) = 0;
    // For show(): the position that the visitor is told.
    static constexpr u64 kDots = 2;

  private:
    const u64 parent_;
};

// The directories and links, by number; null where it is none of them.
Result<Owned<Inode>> make_proc_root(Procfs& fs);
Result<Owned<Inode>> make_proc_goose(Procfs& fs);
Result<Owned<Inode>> make_proc_self(Procfs& fs);
Result<Owned<Inode>> make_proc_process(Procfs& fs, u64 number);
Result<Owned<Inode>> make_proc_link(Procfs& fs, u64 number);
Result<Owned<Inode>> make_proc_descriptors(Procfs& fs, u64 number);

// The process's program as an inode, for /proc/PID/exe; ENOENT where there is none.
Result<Ref<Inode>> executable_of(i32 pid);
// Takes the address space of a process; null where it has ended.
Ref<AddressSpace> space_of(Process& process);
