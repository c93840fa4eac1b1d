// /proc: the kernel's state as files of text, in Linux's forms, so that ps, free, mount and the like
// need nothing else. Nothing is stored: an inode is made when it is looked up and destroyed after its
// last user, and its text is made when it is read from its start. proc.cc knows how; what there is
// stands in tables (proc_system.cc, proc_process.cc).
#pragma once
#include "base/format.h"
#include "base/vector.h"
#include "io/file_system.h"

Result<Ref<FileSystem>> create_procfs();

// A text that grows as it is printed.
class ProcText final : public FormatSink, Immovable {
  public:
    void print(const char* format, ...) __attribute__((format(printf, 2, 3)));
    void put(char c) override;
    // ENOMEM if some of it did not fit into memory.
    Result<void> result() const { return out_of_memory_ ? Errno{ENOMEM} : Result<void>(); }
    StringView view() const { return {text_.begin(), text_.size()}; }

  private:
    Vector<char> text_;
    bool out_of_memory_ = false;
};

// One entry of a directory in /proc. `pid` is 0 in all that are no process's.
struct ProcEntry {
    const char* name;
    u32 mode;
    // Writes a file's text, or a link's that has no target. ESRCH where the process has ended.
    Result<void> (*write)(ProcText& text, i32 pid) = nullptr;
    // What a link leads to: the very inode, also one without a name.
    Result<Ref<Inode>> (*target)(const Inode& link) = nullptr;
    // A directory's entries; and those called by a number, which all look like one: next() gives the
    // first number from `from` on, or -1.
    Span<const ProcEntry> children = {};
    const ProcEntry* numbered = nullptr;
    i32 (*next)(i32 pid, i32 from) = nullptr;
};
inline constexpr u32 kProcFile = S_IFREG | 0444;
inline constexpr u32 kProcFolder = S_IFDIR | 0555;
inline constexpr u32 kProcLink = S_IFLNK | 0777;
extern const ProcEntry kProcRoot;
extern const ProcEntry kProcProcess;  // /proc/PID

// The number of an inode: of /proc itself 1, of /proc/PID pid << 16. An entry's number is made from
// that of its directory; that of a link to descriptor n is pid << 16 | kProcDescriptors + n, and where
// the open file has no inode of its own the link leads to one in /proc, kProcPipes + n.
inline constexpr u64 kProcDescriptors = 0x4000;
inline constexpr u64 kProcPipes = 0x8000;
constexpr i32 proc_pid(u64 number) { return static_cast<i32>(number >> 16); }
Result<Ref<Inode>> proc_inode(FileSystem& fs, u64 number, const ProcEntry& entry);
// The open file that such a link or inode stands for. ENOENT.
Result<Ref<File>> proc_open_file(const Inode& inode);
// What reads of a regular file show.
Result<void> write_proc_text(const Inode& inode, ProcText& text);

// mount.cc: /proc/mounts.
Result<void> write_mounts(ProcText& text, i32 pid);
Result<void> write_mount_info(ProcText& text, i32 pid);

// inode_path.cc: writes a path that leads to `inode` (no closing NUL) and returns its length. A
// directory's is found by going up; for another file the tree of its file system is searched, up to
// a bound: slow, but rarely asked for, and so nothing has to be kept. ENOENT where none is found.
Result<usize> path_of_inode(Ref<Inode> inode, Span<char> to);
