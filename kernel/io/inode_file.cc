// Open files: reading, writing and positioning them, through the page cache; listing directories and
// mapping files. See inode_file.h.
//
// A read takes no lock on the inode: it sees each page as it is. A write holds the inode's lock, so
// writes (and O_APPEND) do not interleave. User memory may turn out to be a mapping of this very
// file: copying then faults and asks the page cache, which needs neither lock.
#include "io/inode_file.h"

#include "abi/dirent.h"
#include "abi/limits.h"
#include "abi/termios.h"
#include "cpu/rtc.h"
#include "io/flusher.h"
#include "process/pager.h"

Result<usize> InodeFile::read(UserSpan to) {
    MutexGuard guard(position_lock_);
    usize count = TRY(read_at(position_, to));
    position_ += count;
    return count;
}

Result<void> InodeFile::copy_page_out(u64 index, u64 start, UserSpan to) {
    Ref<CachedPage> page = TRY(inode_->pages.get(index));
    return to.copy_out(0, page->data() + start, to.size());
}

Result<usize> InodeFile::read_at(u64 offset, UserSpan to) {
    if (inode_->is_directory()) return Errno{EISDIR};
    u64 size = inode_->size.load();
    usize wanted = offset < size ? min(to.size(), static_cast<usize>(size - offset)) : 0;
    usize done = 0;
    while (done < wanted) {
        u64 in_page = (offset + done) % kPageSize;
        usize piece = min(wanted - done, static_cast<usize>(kPageSize - in_page));
        u64 index = (offset + done) / kPageSize;
        Result<void> copied = inode_->pages.is_hole(index)
                                  ? to.fill_zero(done, piece)
                                  : copy_page_out(index, in_page, to.sub(done, piece));
        if (!copied.ok()) {
            if (done == 0) return copied.error();
            break;
        }
        done += piece;
    }
    return done;
}

Result<usize> InodeFile::write(UserSpan from) {
    MutexGuard guard(position_lock_);
    return write_from(position_, from);
}

// Linux appends here too, whatever the offset.
Result<usize> InodeFile::write_at(u64 offset, UserSpan from) { return write_from(offset, from); }

// Writes at `position`, which then stands behind what has been written.
Result<usize> InodeFile::write_from(u64& position, UserSpan from) {
    usize count = 0;
    {
        MutexGuard guard(inode_->lock);
        if (appending()) position = inode_->size.load();
        count = TRY(write_locked(position, from));
    }
    position += count;
    if ((flags.load_relaxed() & O_DSYNC) != 0) TRY(inode_->sync());
    return count;
}

Result<usize> InodeFile::write_locked(u64 offset, UserSpan from) {
    constexpr u64 kLongest = ~u64{0} >> 1;
    if (offset > kLongest || from.size() > kLongest - offset) return Errno{EINVAL};
    if (offset > inode_->size.load()) inode_->zero_tail();
    usize done = 0;
    Result<void> result;
    while (done < from.size()) {
        usize in_page = (offset + done) % kPageSize;
        usize piece = min(from.size() - done, kPageSize - in_page);
        result = write_piece(offset + done, from.sub(done, piece));
        if (!result.ok()) break;
        done += piece;
    }
    if (done > 0) {
        i64 now = wall_clock_now();
        inode_->mtime.store(now);
        inode_->ctime.store(now);
        inode_->mode.fetch_and(~u32{S_ISUID | S_ISGID});
        TRY(inode_->write_attributes());
        throttle_writer(*inode_);
    }
    return done > 0 || result.ok() ? Result<usize>(done) : result.error();
}

// Writes within one page.
Result<void> InodeFile::write_piece(u64 offset, UserSpan from) {
    u64 end = offset + from.size();
    u64 old_size = inode_->size.load();
    // The page first: while the block does not exist, it is zeroes and not what the disk held there.
    Ref<CachedPage> page = TRY(inode_->pages.get(offset / kPageSize));
    TRY(inode_->prepare_write(offset, from.size()));
    Result<void> copied = from.copy_in(0, page->data() + offset % kPageSize, from.size());
    // Also after half a copy: the block that was prepared must not keep what the disk held.
    inode_->pages.mark_dirty(*page);
    if (!copied.ok()) {
        if (end > old_size) {
            (void) inode_->resize(old_size);  // gives back blocks beyond the end
        }
        return copied;
    }
    if (end > old_size) inode_->size.store(end);
    return {};
}

Result<u64> InodeFile::seek(i64 offset, int whence) {
    MutexGuard guard(position_lock_);
    i64 size = static_cast<i64>(inode_->size.load());
    i64 base = 0;
    switch (whence) {
    case SEEK_SET: break;
    case SEEK_CUR: base = static_cast<i64>(position_); break;
    case SEEK_END: base = size; break;
    case SEEK_DATA:  // holes are not told apart: all of a file is data, then comes a hole
    case SEEK_HOLE:
        if (offset < 0 || offset >= size) return Errno{ENXIO};
        base = whence == SEEK_DATA ? 0 : size - offset;
        break;
    default: return Errno{EINVAL};
    }
    i64 target;
    if (__builtin_add_overflow(base, offset, &target)) return Errno{EOVERFLOW};
    if (target < 0) return Errno{EINVAL};
    position_ = static_cast<u64>(target);
    return position_;
}

Result<i64> InodeFile::control(u64 request, u64 argument) {
    if (request != FIONREAD || !inode_->is_regular()) return Errno{ENOTTY};
    MutexGuard guard(position_lock_);
    u64 size = inode_->size.load();
    i32 left = static_cast<i32>(size > position_ ? size - position_ : 0);
    TRY(UserOut<i32>(UserAddress(argument)).write(left));
    return 0;
}

Result<void> InodeFile::truncate(u64 size) {
    if (!inode_->is_regular()) return Errno{EINVAL};
    MutexGuard guard(inode_->lock);
    return truncate_locked(*inode_, size);
}

Result<void> truncate_locked(Inode& inode, u64 size) {
    if (inode.fs.read_only()) return Errno{EROFS};
    Inode::Use use = TRY(Inode::Use::begin(inode, Inode::Use::kWrite));
    TRY(inode.resize(size));
    i64 now = wall_clock_now();
    inode.mtime.store(now);
    inode.ctime.store(now);
    return inode.write_attributes();
}

void fill_stat(const void* object, u32 mode, struct stat& result) {
    result = {};
    result.st_ino = reinterpret_cast<u64>(object) & 0xffffffff;
    result.st_mode = mode;
    result.st_nlink = 1;
    result.st_blksize = kPageSize;
}

void fill_stat(const Inode& inode, struct stat& result) {
    auto time = [](i64 nanoseconds) {
        i64 billion = static_cast<i64>(kSecond);
        i64 rest = nanoseconds % billion;
        i64 borrow = rest < 0 ? 1 : 0;
        return timespec{nanoseconds / billion - borrow, rest + borrow * billion};
    };
    result = {};
    result.st_dev = inode.fs.device();
    result.st_ino = inode.ino;
    result.st_mode = inode.mode.load_relaxed();
    result.st_nlink = inode.nlink.load_relaxed();
    result.st_uid = inode.uid.load_relaxed();
    result.st_gid = inode.gid.load_relaxed();
    result.st_rdev = inode.device;
    result.st_size = static_cast<i64>(inode.size.load_relaxed());
    result.st_blksize = kPageSize;
    result.st_blocks = static_cast<i64>(inode.blocks.load_relaxed());
    result.st_atim = time(inode.atime.load_relaxed());
    result.st_mtim = time(inode.mtime.load_relaxed());
    result.st_ctim = time(inode.ctime.load_relaxed());
}

// Directories: entries as records, as many as fit. The file's position is what the file system calls
// the place of the next entry.

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

// Mappings: an address space asks for pages, and gets the frames of the page cache.

namespace {

class InodePager final : public Pager {
  public:
    InodePager(Ref<Inode> inode, Inode::Use use) : inode_(move(inode)), use_(move(use)) {}

    // Called with the address space locked, so the inode's lock must not be taken here.
    Result<Ref<Frame>> page(u64 index, Access access) override {
        u64 size = inode_->size.load();
        if (index >= divide_up(size, kPageSize)) return Errno{EFAULT};
        Ref<CachedPage> page = TRY(inode_->pages.get(index));
        if (access == Access::kWrite) {
            u64 start = index * kPageSize;
            TRY(inode_->prepare_write(start, min(u64{kPageSize}, size - start)));
            inode_->pages.mark_mapped_writable(*page);
        }
        return page->frame;
    }

    Result<void> sync(u64, u64) override { return inode_->pages.write_back(); }
    Identity identity() const override { return {inode_->fs.device(), inode_->ino}; }

  private:
    const Ref<Inode> inode_;
    const Inode::Use use_;
};

}  // namespace

Result<Ref<Pager>> InodeFile::pager() {
    if (!inode_->is_regular()) return Errno{ENODEV};
    Inode::Use use = TRY(Inode::Use::begin(*inode_, use_of_maps_));
    return Ref<Pager>(TRY(make_ref<InodePager>(inode_, move(use))));
}
