// /proc as a file system: inodes made from table entries, and files of text. See proc.h.
#include "fs/proc.h"

#include "io/inode_file.h"
#include "io/path.h"
#include "process/process.h"

namespace {

constexpr u64 kRootNumber = 1;
constexpr u64 kMostEntries = 32;  // in one directory's table
constexpr u64 kNumbered = 0x100;  // in a listing, where the entries called by a number begin

class ProcInode final : public Inode {
  public:
    ProcInode(FileSystem& fs, u64 number, const ProcEntry& its_entry)
        : Inode(fs, number, its_entry.mode), entry(its_entry) {
        nlink.store(is_directory() ? 2 : 1);
    }
    Result<Ref<Inode>> lookup(StringView name) override;
    Result<void> list(u64 from, DirectoryVisitor& visitor) override;
    Result<usize> read_link(Span<char> to) override;
    Result<Ref<Inode>> jump_target() override {
        return entry.target == nullptr ? Ref<Inode>() : entry.target(*this);
    }
    Result<Ref<File>> open(u32 flags) override;

    const ProcEntry& entry;

  private:
    i32 pid() const { return proc_pid(ino); }
    // The low half of a number: 32 entries below each.
    u64 child_number(u64 index) const { return ino + (ino & 0xffff) * 31 + index + 1; }
    u64 numbered_child(i32 number) const {
        u64 n = static_cast<u64>(number);
        return ino == kRootNumber ? n << 16
                                  : (static_cast<u64>(pid()) << 16) + kProcDescriptors + n;
    }
    u64 parent_number() const {
        bool in_process = pid() != 0 && (ino & 0xffff) != 0;
        return in_process ? static_cast<u64>(pid()) << 16 : kRootNumber;
    }
};

class Procfs final : public FileSystem {
  public:
    Procfs() : FileSystem("proc", Resting::kNowhere) {}
    Result<void> create_root() {
        root_ = TRY(proc_inode(*this, kRootNumber, kProcRoot));
        return {};
    }
    Ref<Inode> root() override { return root_; }
    Result<void> statfs(struct statfs& result) override {
        result.f_type = PROC_SUPER_MAGIC;
        result.f_bsize = result.f_frsize = kPageSize;
        result.f_namelen = NAME_MAX;
        return {};
    }

  private:
    Ref<Inode> root_;
};

Result<Ref<Inode>> ProcInode::lookup(StringView name) {
    if (!is_directory()) return Errno{ENOTDIR};
    if (name == "..") {
        u64 parent = parent_number();
        return proc_inode(fs, parent, parent == kRootNumber ? kProcRoot : kProcProcess);
    }
    if (pid() != 0 && !find_process(pid())) return Errno{ENOENT};
    for (u64 i = 0; i < entry.children.size(); i++) {
        const ProcEntry& child = entry.children[i];
        if (name == child.name) return proc_inode(fs, child_number(i), child);
    }
    // Only the usual form of a number: no zeroes in front.
    u64 number = 0;
    if (entry.next == nullptr || !parse_number(name, number)) return Errno{ENOENT};
    char usual[12];
    usize length = format_into(usual, sizeof usual, "%d", static_cast<i32>(number));
    i32 wanted = static_cast<i32>(number);
    bool there = name == StringView(usual, length) && entry.next(pid(), wanted) == wanted;
    if (!there) return Errno{ENOENT};
    return proc_inode(fs, numbered_child(wanted), *entry.numbered);
}

Result<void> ProcInode::list(u64 from, DirectoryVisitor& visitor) {
    if (!is_directory()) return Errno{ENOTDIR};
    u8 folder = directory_type(S_IFDIR);
    if (from == 0 && !visitor.entry(".", ino, folder, 1)) return {};
    if (from <= 1 && !visitor.entry("..", parent_number(), folder, 2)) return {};
    for (u64 at = max<u64>(from, 2); at < 2 + entry.children.size(); at++) {
        const ProcEntry& child = entry.children[at - 2];
        u8 type = directory_type(child.mode);
        if (!visitor.entry(child.name, child_number(at - 2), type, at + 1)) return {};
    }
    if (entry.next == nullptr || from > kNumbered + INT32_MAX) return {};
    i32 number = static_cast<i32>(max(from, kNumbered) - kNumbered);
    while ((number = entry.next(pid(), number)) >= 0) {
        char name[12];
        usize length = format_into(name, sizeof name, "%d", number);
        u64 child = numbered_child(number++);
        u64 next = kNumbered + static_cast<u64>(number);
        if (!visitor.entry({name, length}, child, directory_type(entry.numbered->mode), next))
            break;
    }
    return {};
}

Result<usize> ProcInode::read_link(Span<char> to) {
    if (!is_symlink()) return Errno{EINVAL};
    ProcText text;
    if (entry.write != nullptr) {
        TRY(entry.write(text, pid()));
    } else {
        Ref<Inode> target = TRY(entry.target(*this));
        if (&target->fs == &fs && (target->ino & kProcPipes) != 0) {
            struct stat stat = {};
            (void) TRY(proc_open_file(*target))->stat(stat);
            bool socket = (stat.st_mode & S_IFMT) == S_IFSOCK;
            text.print("%s:[%lu]", socket ? "socket" : "pipe", stat.st_ino);
        } else {
            Result<usize> length = path_of_inode(move(target), to);
            if (length.ok()) return length;
            text.print("(unknown)");
        }
    }
    TRY(text.result());
    usize length = min(text.view().size(), to.size());
    memcpy(to.data(), text.view().data(), length);
    return length;
}

// An open text file. Its text is made by the read that starts at 0, and stays until the next.
class ProcTextFile final : public FileWithInode {
  public:
    using FileWithInode::FileWithInode;

    Result<usize> read(UserSpan to) override {
        MutexGuard guard(lock_);
        usize count = TRY(read_locked(position_, to));
        position_ += count;
        return count;
    }
    Result<usize> read_at(u64 offset, UserSpan to) override {
        MutexGuard guard(lock_);
        return read_locked(offset, to);
    }
    Result<u64> seek(i64 offset, int whence) override {
        MutexGuard guard(lock_);
        i64 base = whence == SEEK_CUR ? static_cast<i64>(position_) : 0;
        if (whence != SEEK_SET && whence != SEEK_CUR) return Errno{EINVAL};
        if (offset < -base || offset > INT32_MAX) return Errno{EINVAL};
        position_ = static_cast<u64>(base + offset);
        return position_;
    }

  private:
    Result<usize> read_locked(u64 offset, UserSpan to) REQUIRES(lock_) {
        if (offset == 0 || !text_) {
            text_ = TRY(make<ProcText>());
            TRY(write_proc_text(*inode_, *text_));
        }
        StringView rest = text_->view().sub(static_cast<usize>(offset), to.size());
        TRY(to.copy_out(0, rest.data(), rest.size()));
        return rest.size();
    }

    Mutex lock_{LockRank::kFilePosition, "proc file"};
    u64 position_ GUARDED_BY(lock_) = 0;
    Owned<ProcText> text_ GUARDED_BY(lock_);
};

Result<Ref<File>> ProcInode::open(u32 flags) {
    if ((flags & O_PATH) != 0) return Inode::open(flags);
    if ((ino & kProcPipes) != 0) return proc_open_file(*this);
    if (!is_regular()) return Inode::open(flags);
    if ((flags & O_ACCMODE) != O_RDONLY) return Errno{EACCES};
    return Ref<File>(TRY(make_ref<ProcTextFile>(Ref<Inode>(*this), flags)));
}

}  // namespace

Result<Ref<FileSystem>> create_procfs() {
    Ref<Procfs> fs = TRY(make_ref<Procfs>());
    TRY(fs->create_root());
    fs->make_known();
    return Ref<FileSystem>(move(fs));
}

Result<Ref<Inode>> proc_inode(FileSystem& fs, u64 number, const ProcEntry& entry) {
    ASSERT(entry.children.size() < kMostEntries);
    Ref<Inode> known = fs.inodes.find(number);
    if (known) return known;
    return fs.inodes.insert(TRY(make<ProcInode>(fs, number, entry)));
}

Result<Ref<File>> proc_open_file(const Inode& inode) {
    Ref<Process> process = find_process(proc_pid(inode.ino));
    if (!process) return Errno{ENOENT};
    Result<Ref<File>> file = process->files->get(static_cast<int>(inode.ino % kProcDescriptors));
    return file.ok() ? move(file) : Errno{ENOENT};
}

Result<void> write_proc_text(const Inode& inode, ProcText& text) {
    TRY(static_cast<const ProcInode&>(inode).entry.write(text, proc_pid(inode.ino)));
    return text.result();
}

void ProcText::print(const char* text, ...) {
    va_list arguments;
    va_start(arguments, text);
    format(*this, text, arguments);
    va_end(arguments);
}

void ProcText::put(char c) {
    if (text_.reserve(1).ok()) {
        text_.add(c);
    } else {
        out_of_memory_ = true;
    }
}
