// /proc as a file system: inodes by number, and text files. See proc_inode.h.
#include "fs/procfs.h"
#include "abi/limits.h"

#include "fs/proc_inode.h"
#include "io/inode_file.h"

Result<Ref<FileSystem>> create_procfs() {
    Ref<Procfs> fs = TRY(make_ref<Procfs>());
    TRY(fs->create_root());
    return Ref<FileSystem>(move(fs));
}

Result<void> Procfs::create_root() {
    root_ = TRY(get(kProcRoot));
    return {};
}

Result<void> Procfs::statfs(struct statfs& result) {
    result.f_type = PROC_SUPER_MAGIC;
    result.f_bsize = result.f_frsize = kPageSize;
    result.f_namelen = NAME_MAX;
    return {};
}

Result<Ref<Inode>> Procfs::get(u64 number) {
    Ref<Inode> known = inodes.find(number);
    if (known) return known;
    return inodes.insert(TRY(make_inode(number)));
}

namespace {

// The file number `index` of a table.
Result<Owned<Inode>> make_file_inode(Procfs& fs, u64 number, Span<const ProcFileEntry> table,
                                     u64 index) {
    if (index >= table.size()) return Errno{ENOENT};
    return Owned<Inode>(TRY(make<ProcFile>(fs, number, table[index])));
}

}  // namespace

Result<Owned<Inode>> Procfs::make_inode(u64 number) {
    if (proc_pid(number) != 0) return make_process_inode(number);
    if (number == kProcRoot) return make_proc_root(*this);
    if (number == kProcSelf) return make_proc_self(*this);
    if (number == kProcGoose) return make_proc_goose(*this);
    if (number > kProcGoose) {
        return make_file_inode(*this, number, proc_goose_files(), number - kProcGoose - 1);
    }
    return make_file_inode(*this, number, proc_system_files(), number - kProcFiles);
}

Result<Owned<Inode>> Procfs::make_process_inode(u64 number) {
    u64 what = proc_what(number);
    if (!find_process(proc_pid(number))) return Errno{ENOENT};
    if (what == 0) return make_proc_process(*this, number);
    if (what == kProcDescriptors) return make_proc_descriptors(*this, number);
    if (what >= kProcLinks) return make_proc_link(*this, number);
    return make_file_inode(*this, number, proc_process_files(), what - kProcFiles);
}

Result<Ref<Inode>> ProcDirectory::lookup(StringView name) {
    u64 number = name == ".." ? parent_ : number_of(name);
    if (number == 0) return Errno{ENOENT};
    return procfs().get(number);
}

Result<void> ProcDirectory::list(u64 from, DirectoryVisitor& visitor) {
    if (from == 0) {
        if (!visitor.entry(".", ino, directory_type(S_IFDIR), 1)) return {};
        from = 1;
    }
    if (from == 1) {
        if (!visitor.entry("..", parent_, directory_type(S_IFDIR), kDots)) return {};
        from = kDots;
    }
    for (u64 position = from - kDots; show(position, visitor);) {
    }
    return {};
}

namespace {

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
        if (offset == 0) {
            text_.clear();
            TRY(static_cast<ProcFile&>(*inode_).write_text(text_));
            TRY(text_.result());
        }
        StringView rest = text_.view().sub(static_cast<usize>(offset), to.size());
        TRY(to.copy_out(0, rest.data(), rest.size()));
        return rest.size();
    }

    Mutex lock_{LockRank::kFilePosition, "proc file"};
    u64 position_ GUARDED_BY(lock_) = 0;
    ProcText text_ GUARDED_BY(lock_);
};

}  // namespace

Result<Ref<File>> ProcFile::open(u32 flags) {
    if ((flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0) return Errno{EACCES};
    return Ref<File>(TRY(make_ref<ProcTextFile>(Ref<Inode>(*this), flags)));
}
