// /dev: a ramfs like any other, so programs can add to it. And the devices that are no hardware:
// null, zero, full, random and urandom. Disks have nodes to be mounted by, but are not opened.
// Reference: null(4), full(4), random(4).
#include "fs/devfs.h"

#include "io/device.h"
#include "io/inode_file.h"
#include "io/names.h"
#include "io/ramfs.h"
#include "process/random_source.h"

namespace {

// One of them: what it reads depends on its number. All it writes vanishes, but where it is full.
class MemoryDevice final : public FileWithInode {
  public:
    using FileWithInode::FileWithInode;

    Result<usize> read(UserSpan to) override {
        if (inode_->device == kNullDevice) return usize{0};
        bool zeroes = inode_->device == kZeroDevice || inode_->device == kFullDevice;
        if (zeroes) TRY(to.fill_zero(0, to.size()));
        for (usize done = 0; !zeroes && done < to.size();) {
            u8 piece[256];
            usize count = min(to.size() - done, sizeof piece);
            fill_random(Bytes(piece, count));
            TRY(to.copy_out(done, piece, count));
            done += count;
        }
        return to.size();
    }
    Result<usize> write(UserSpan from) override {
        return inode_->device == kFullDevice ? Result<usize>(Errno{ENOSPC}) : from.size();
    }
    Result<usize> read_at(u64, UserSpan to) override { return read(to); }
    Result<usize> write_at(u64, UserSpan from) override { return write(from); }
    Result<u64> seek(i64, int) override { return u64{0}; }
};

Result<Ref<File>> open_memory_device(Inode& inode, u32 flags) {
    return Ref<File>(TRY(make_ref<MemoryDevice>(Ref<Inode>(inode), flags)));
}

DEVICES(memory_devices) = {
    {kNullDevice, open_memory_device},    {kZeroDevice, open_memory_device},
    {kFullDevice, open_memory_device},    {kRandomDevice, open_memory_device},
    {kUrandomDevice, open_memory_device},
};

struct Node {
    const char* name;
    u32 permissions;
    u64 device;
};

constexpr Node kNodes[] = {
    {"console", 0600, kConsoleDevice}, {"full", 0666, kFullDevice}, {"null", 0666, kNullDevice},
    {"random", 0666, kRandomDevice},   {"tty", 0666, kTtyDevice},   {"ttyS0", 0660, kSerialDevice},
    {"urandom", 0666, kUrandomDevice}, {"zero", 0666, kZeroDevice},
};

// A process's own descriptors, by the names that shells and scripts use.
constexpr const char* kLinks[][2] = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
};

constexpr u64 kPageLimit = 64;  // nothing large belongs here

// As Linux numbers virtio disks: each has room for 15 partitions.
constexpr u64 disk_number(usize index) { return ABI_MAKEDEV(254, 16 * index); }

}  // namespace

Result<Ref<FileSystem>> create_devfs() {
    Ref<FileSystem> fs = TRY(create_ramfs("devtmpfs", kPageLimit));
    Ref<Inode> root = fs->root();
    for (const Node& node : kNodes) {
        NewInode attributes{.mode = S_IFCHR | node.permissions, .device = node.device};
        TRY(make_file(*root, node.name, attributes));
    }
    for (usize index = 0; BlockDevice* disk = block_device(index); index++) {
        NewInode attributes{.mode = S_IFBLK | 0660, .device = disk_number(index)};
        TRY(make_file(*root, disk->name(), attributes));
    }
    for (const auto& link : kLinks) TRY(make_symlink(*root, link[0], link[1]));
    return fs;
}

BlockDevice* block_device_by_number(u64 number) {
    usize index = ABI_MINOR(number) / 16;
    return disk_number(index) == number ? block_device(index) : nullptr;
}
