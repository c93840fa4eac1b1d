// The devices that are no hardware: /dev/null, zero, full, random and urandom.
// Reference: null(4), full(4), random(4).
#include "fs/devfs.h"
#include "io/device.h"
#include "io/inode_file.h"
#include "process/random_source.h"

namespace {

// Reads find the end at once, writes vanish. The others differ in one or the other.
class NullFile : public FileWithInode {
  public:
    using FileWithInode::FileWithInode;
    Result<usize> read(UserSpan) override { return usize{0}; }
    Result<usize> write(UserSpan from) override { return from.size(); }
    Result<usize> read_at(u64, UserSpan to) override { return read(to); }
    Result<usize> write_at(u64, UserSpan from) override { return write(from); }
    Result<u64> seek(i64, int) override { return u64{0}; }
};

class ZeroFile : public NullFile {
  public:
    using NullFile::NullFile;
    Result<usize> read(UserSpan to) override {
        TRY(to.fill_zero(0, to.size()));
        return to.size();
    }
};

class FullFile final : public ZeroFile {
  public:
    using ZeroFile::ZeroFile;
    Result<usize> write(UserSpan) override { return Errno{ENOSPC}; }
};

class RandomFile final : public NullFile {
  public:
    using NullFile::NullFile;
    Result<usize> read(UserSpan to) override {
        for (usize done = 0; done < to.size();) {
            u8 piece[256];
            usize count = min(to.size() - done, sizeof piece);
            fill_random(Bytes(piece, count));
            TRY(to.copy_out(done, piece, count));
            done += count;
        }
        return to.size();
    }
};

template <typename T> Result<Ref<File>> open_as(Inode& inode, u32 flags) {
    return Ref<File>(TRY(make_ref<T>(Ref<Inode>(inode), flags)));
}

constinit DeviceDriver drivers[] = {
    {S_IFCHR, kNullDevice, open_as<NullFile>},      {S_IFCHR, kZeroDevice, open_as<ZeroFile>},
    {S_IFCHR, kFullDevice, open_as<FullFile>},      {S_IFCHR, kRandomDevice, open_as<RandomFile>},
    {S_IFCHR, kUrandomDevice, open_as<RandomFile>},
};

}  // namespace

void start_memory_devices() {
    for (DeviceDriver& driver : drivers) register_device(driver);
}
