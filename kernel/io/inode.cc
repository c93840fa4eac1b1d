// What all inodes share: counted references, resizing, opening. See inode.h.
#include "io/inode.h"

#include "cpu/rtc.h"
#include "io/device.h"
#include "io/file_system.h"
#include "io/inode_file.h"
#include "io/pipe.h"

namespace {

constinit Atomic<i64> live_inodes{0};
constinit Atomic<u64> next_serial{1};

LockRank rank_for(u32 mode) { return S_ISDIR(mode) ? LockRank::kDirectory : LockRank::kInode; }

}  // namespace

Inode::Inode(FileSystem& file_system, u64 number, u32 file_mode)
    : fs(file_system), ino(number), serial(next_serial.fetch_add(1)),
      lock(rank_for(file_mode), "inode"), mode(file_mode), atime(wall_clock_now()),
      mtime(atime.load_relaxed()), ctime(atime.load_relaxed()),
      pages(*this, file_system.inodes.resting() == Resting::kInMemory) {
    fs.inodes.active_.fetch_add(1);
    live_inodes.fetch_add(1);
}

Inode::~Inode() {
    if (references_.load() != 0) fs.inodes.active_.fetch_sub(1);
    live_inodes.fetch_sub(1);
}

i64 Inode::live_count() { return live_inodes.load(); }

void Inode::retain() {
    if (references_.fetch_add(1) == 0) fs.inodes.active_.fetch_add(1);
}

void Inode::release() {
    for (u32 count = references_.load_relaxed(); count > 1;) {
        if (references_.compare_exchange(count, count - 1)) return;
    }
    fs.inodes.drop(*this);
}

Result<Inode::Use> Inode::Use::begin(Inode& inode, Kind kind) {
    if (kind == kNone) return Use();
    i32 count = inode.users_.load();
    do {
        if (count * kind < 0) return Errno{ETXTBSY};
    } while (!inode.users_.compare_exchange(count, count + kind));
    return Use(inode, kind);
}

Result<void> Inode::resize(u64 new_size) {
    u64 old_size = size.load();
    u64 rest = new_size % kPageSize;
    if (new_size < old_size && rest != 0) {
        // Should the file grow again, what was cut off must read as zeroes, also from the disk.
        Ref<CachedPage> last = TRY(pages.get(new_size / kPageSize));
        memset(last->data() + rest, 0, kPageSize - rest);
        pages.mark_dirty(*last);
    }
    if (new_size > old_size) zero_tail();
    // The new size comes first: a page that is filled from now on is zeroed beyond it.
    size.store(new_size);
    if (new_size < old_size) pages.truncate(new_size);
    Result<void> done = truncate(new_size);
    if (!done.ok()) {
        // What has been freed has become holes; what has not must not lie beyond the end.
        size.store(old_size);
        (void) write_attributes();
    }
    return done;
}

void Inode::zero_tail() {
    u64 end = size.load();
    Ref<CachedPage> last = end % kPageSize == 0 ? nullptr : pages.find(end / kPageSize);
    if (last) memset(last->data() + end % kPageSize, 0, kPageSize - end % kPageSize);
}

Result<void> Inode::read_pages(u64 first, Span<Frame* const> frames) {
    for (usize i = 0; i < frames.size(); i++) TRY(read_page(first + i, *frames[i]));
    return {};
}

Result<void> Inode::write_pages(u64 first, Span<Frame* const> frames) {
    Result<void> result;
    for (usize i = 0; i < frames.size(); i++) {
        Result<void> one = write_page(first + i, *frames[i]);
        result = result.ok() ? one : result;
    }
    return result;
}

Result<void> Inode::sync() {
    Result<void> written = pages.write_back();
    Result<void> earlier = pages.take_error();
    return written.ok() ? earlier : written;
}

Result<Ref<File>> Inode::open(u32 flags) {
    if ((flags & O_PATH) == 0) {
        switch (type()) {
        case S_IFCHR: return open_device(*this, flags);
        case S_IFIFO: return open_fifo(*this, flags);
        case S_IFLNK: return Errno{ELOOP};
        case S_IFBLK:
        case S_IFSOCK: return Errno{ENXIO};
        default: break;
        }
    }
    bool writes = is_regular() && (flags & O_ACCMODE) != O_RDONLY && (flags & O_PATH) == 0;
    Use use = TRY(Use::begin(*this, writes ? Use::kWrite : Use::kNone));
    return Ref<File>(TRY(make_ref<InodeFile>(Ref<Inode>(*this), flags, move(use))));
}
