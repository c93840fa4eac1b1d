// Copying from file to file inside the kernel: sendfile(2) and copy_file_range(2).
//
// What is copied goes through a buffer in an address space that no program runs in, because files are
// read and written by user spans: so every file that has positions can be a source, and every file a
// target.
#include "io/inode_file.h"
#include "io/open.h"
#include "process/process.h"
#include "process/syscall.h"

namespace {

constexpr u64 kPiece = 16 * kPageSize;
constexpr u64 kLongest = ~u64{0} >> 1;

// Calls write(done, span) for each piece of `from`, up to the first that comes out short. As for
// readv, an error is told only where nothing has been copied before.
template <typename Write> Result<u64> copy(File& from, u64 offset, u64 size, Write write) {
    Ref<AddressSpace> space = TRY(AddressSpace::create());
    VirtAddr buffer =
        TRY(space->map(VirtAddr(kMmapMinimum), kPiece, PROT_READ | PROT_WRITE, Sharing::kPrivate,
                       nullptr, 0, AddressSpace::Placement::kFixed));
    u64 done = 0;
    while (done < size && (done == 0 || !signal_pending())) {
        UserSpan piece(*space, buffer, min(kPiece, size - done));
        Result<usize> count = from.read_at(offset + done, piece);
        if (count.ok() && *count > 0) count = write(done, piece.sub(0, *count));
        if (!count.ok() && done == 0) return count.error();
        if (!count.ok() || *count == 0) break;
        done += *count;
    }
    return done;
}

// Where a copy begins: at the offset in user memory, or (null) at the file's position, if it has one.
Result<i64> get_offset(File& file, UserIn<i64> offset) {
    if (!offset.is_null()) return offset.read();
    return static_cast<i64>(file.seek(0, SEEK_CUR).value_or(0));
}

// And where the next one shall begin.
Result<void> set_offset(File& file, UserIn<i64> offset, u64 value) {
    if (!offset.is_null()) return UserOut<i64>(offset.address()).write(static_cast<i64>(value));
    TRY(file.seek(static_cast<i64>(value), SEEK_SET));
    return {};
}

bool is_directory(File& file) { return file.inode() != nullptr && file.inode()->is_directory(); }
bool is_regular(File& file) { return file.inode() != nullptr && file.inode()->is_regular(); }
bool is_pipe(File& file) { return file.control(F_GETPIPE_SZ, 0).ok(); }

}  // namespace

static Result<u64> sys_sendfile(int out_fd, int in_fd, UserIn<i64> offset, u64 size) {
    if (!offset.is_null()) TRY(offset.read());
    Ref<File> in = TRY(file_for_reading(in_fd));
    bool seekable = in->seek(0, SEEK_CUR).ok();
    if (!seekable && !offset.is_null()) return Errno{ESPIPE};
    u64 start = static_cast<u64>(TRY(get_offset(*in, offset)));
    if (start > kLongest || size > kLongest - start) return Errno{EINVAL};
    Ref<File> out = TRY(file_for_writing(out_fd));
    if (!seekable || out->appending() || (size > 0 && is_directory(*in))) return Errno{EINVAL};
    // A pipe takes what it has room for, so that who reads it later gets its turn.
    u64 most = is_pipe(*out) ? kPiece : kMostBytes;
    u64 done = TRY(
        copy(*in, start, min(size, most), [&](u64, UserSpan piece) { return out->write(piece); }));
    TRY(set_offset(*in, offset, start + done));
    return done;
}
SYSCALL(sendfile);

static Result<u64> sys_copy_file_range(int in_fd, UserIn<i64> in_offset, int out_fd,
                                       UserIn<i64> out_offset, u64 size, u32 flags) {
    Ref<File> in = TRY(opened_file(in_fd));
    Ref<File> out = TRY(opened_file(out_fd));
    u64 from = static_cast<u64>(TRY(get_offset(*in, in_offset)));
    u64 to = static_cast<u64>(TRY(get_offset(*out, out_offset)));
    if (flags != 0) return Errno{EINVAL};
    if (is_directory(*in) || is_directory(*out)) return Errno{EISDIR};
    if (!is_regular(*in) || !is_regular(*out)) return Errno{EINVAL};
    if (!in->readable() || !out->writable() || out->appending()) return Errno{EBADF};
    if (&in->inode()->fs != &out->inode()->fs) return Errno{EXDEV};
    u64 end;
    if (!add_fits(from, size, end) || !add_fits(to, size, end)) return Errno{EOVERFLOW};
    u64 length = in->inode()->size.load();
    size = min(size, length > from ? length - from : 0);
    bool overlap = in->inode() == out->inode() && to + size > from && to < from + size;
    if (overlap || from > kLongest || to > kLongest - size) return Errno{EINVAL};
    u64 done = TRY(copy(*in, from, min(size, kMostBytes),
                        [&](u64 at, UserSpan piece) { return out->write_at(to + at, piece); }));
    TRY(set_offset(*in, in_offset, from + done));
    TRY(set_offset(*out, out_offset, to + done));
    return done;
}
SYSCALL(copy_file_range);
