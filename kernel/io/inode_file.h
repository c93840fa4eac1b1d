// Open files that have an inode: regular files and directories (InodeFile), and the base of open
// devices and FIFOs (FileWithInode).
// Locks: an open file's position comes first (rank kFilePosition), then the inode's lock.
#pragma once
#include "io/file_system.h"
#include "io/record_lock.h"
#include "process/file.h"

// What fstat tells of an inode.
void fill_stat(const Inode& inode, struct stat& result);
// And of a file without one: its number is `object`'s, which no other has at this time.
void fill_stat(const void* object, u32 mode, struct stat& result);

// ftruncate and O_TRUNC, with inode.lock held: EROFS, ETXTBSY, EFBIG, EIO.
Result<void> truncate_locked(Inode& inode, u64 size);

class FileWithInode : public File {
  public:
    FileWithInode(Ref<Inode> inode, u32 flags) : File(flags), inode_(move(inode)) {}
    ~FileWithInode() override { release_whole_lock(*this); }

    Result<void> stat(struct stat& result) override {
        fill_stat(*inode_, result);
        return {};
    }
    Inode* inode() override { return inode_.get(); }

  protected:
    const Ref<Inode> inode_;
};

class InodeFile final : public FileWithInode {
  public:
    // What it counts as while it is open, and each of its mappings.
    InodeFile(Ref<Inode> inode, u32 flags, Inode::Use use,
              Inode::Use::Kind use_of_maps = Inode::Use::kNone)
        : FileWithInode(move(inode), flags), use_(move(use)), use_of_maps_(use_of_maps) {}

    Result<usize> read(UserSpan to) override;
    Result<usize> write(UserSpan from) override;
    Result<usize> read_at(u64 offset, UserSpan to) override;
    Result<usize> write_at(u64 offset, UserSpan from) override;
    Result<u64> seek(i64 offset, int whence) override;
    Result<i64> control(u64 request, u64 argument) override;
    Result<usize> read_directory(UserSpan to) override;
    Result<void> truncate(u64 size) override;
    Result<void> sync() override { return inode_->sync(); }
    Result<Ref<Pager>> pager() override;

  private:
    Result<void> copy_page_out(u64 index, u64 start, UserSpan to);
    Result<usize> write_from(u64& position, UserSpan from);
    Result<usize> write_locked(u64 offset, UserSpan from);
    Result<void> write_piece(u64 offset, UserSpan from);

    const Inode::Use use_;
    const Inode::Use::Kind use_of_maps_;
    Mutex position_lock_{LockRank::kFilePosition, "file position"};
    u64 position_ GUARDED_BY(position_lock_) = 0;
};
