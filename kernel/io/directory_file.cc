// getdents64 on an open directory: its entries as records, as many as fit. The file's position is
// what the file system calls the place of the next entry.
#include "abi/dirent.h"
#include "abi/limits.h"
#include "io/inode_file.h"

namespace {

// Writes one record for each entry it is shown.
class RecordWriter final : public DirectoryVisitor {
  public:
    RecordWriter(UserSpan to, u64 position) : to_(to), position_(position) {}

    bool entry(StringView name, u64 ino, u8 type, u64 next) override;

    usize written() const { return written_; }
    u64 position() const { return position_; }
    Result<void> result() const { return result_; }

  private:
    static constexpr usize kHeader = __builtin_offsetof(linux_dirent64, d_name);

    UserSpan to_;
    usize written_ = 0;
    u64 position_;
    Result<void> result_;
};

bool RecordWriter::entry(StringView name, u64 ino, u8 type, u64 next) {
    usize size = align_up(kHeader + name.size() + 1, 8);
    if (size > to_.size() - written_) {
        result_ = written_ == 0 ? Errno{EINVAL} : Result<void>();
        return false;
    }
    alignas(8) u8 bytes[kHeader + NAME_MAX + 1 + 8];
    linux_dirent64 header = {ino, static_cast<i64>(next), static_cast<u16>(size), type};
    memcpy(bytes, &header, kHeader);
    memcpy(bytes + kHeader, name.data(), name.size());
    memset(bytes + kHeader + name.size(), 0, size - kHeader - name.size());
    result_ = to_.copy_out(written_, bytes, size);
    if (!result_.ok()) return false;
    written_ += size;
    position_ = next;
    return true;
}

}  // namespace

Result<usize> InodeFile::read_directory(UserSpan to) {
    if (!inode_->is_directory()) return Errno{ENOTDIR};
    MutexGuard guard(position_lock_);
    RecordWriter writer(to, position_);
    {
        MutexGuard inode_guard(inode_->lock);
        if (inode_->nlink.load() == 0) return Errno{ENOENT};
        TRY(inode_->list(position_, writer));
    }
    if (writer.written() == 0) TRY(writer.result());
    position_ = writer.position();
    return writer.written();
}
