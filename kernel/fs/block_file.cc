// Disks as files. See block_file.h. Each disk is an inode of a file system that is mounted nowhere;
// opening a device node opens that inode.
#include "fs/block_file.h"

#include "io/device.h"
#include "io/inode_file.h"

namespace {

class BlockInode final : public Inode {
  public:
    BlockInode(FileSystem& file_system, usize index, BlockDevice& disk)
        : Inode(file_system, index + 1, S_IFBLK | 0600), disk_(disk) {
        nlink.store(1);
        size.store(disk.sector_count() * kSectorSize);
        device = block_device_number(index);
    }

    Result<void> read_page(u64 index, Frame& frame) override {
        return disk_.read(first_sector(index), Bytes(frame.data(), bytes_of(index)));
    }
    Result<void> write_page(u64 index, Frame& frame) override {
        return disk_.write(first_sector(index), ConstBytes(frame.data(), bytes_of(index)));
    }
    Result<void> prepare_write(u64 offset, u64 bytes) override {
        if (disk_.read_only()) return Errno{EROFS};
        return offset + bytes > size.load() ? Errno{ENOSPC} : Result<void>();
    }
    Result<void> sync() override {
        TRY(Inode::sync());
        return disk_.flush();
    }

  private:
    static u64 first_sector(u64 index) { return index * (kPageSize / kSectorSize); }
    // The last page of a disk may be a short one.
    usize bytes_of(u64 index) const {
        return static_cast<usize>(min(u64{kPageSize}, size.load() - index * kPageSize));
    }

    BlockDevice& disk_;
};

class BlockFiles final : public FileSystem {
  public:
    BlockFiles() : FileSystem("bdev", Resting::kOnDisk) {}

    Ref<Inode> root() override { return nullptr; }
    Result<void> statfs(struct statfs&) override { return Errno{ENOSYS}; }

    Result<Ref<Inode>> inode(usize index, BlockDevice& disk) {
        Ref<Inode> known = inodes.find(index + 1);
        if (known) return known;
        return inodes.insert(TRY(make<BlockInode>(*this, index, disk)));
    }
};

constinit BlockFiles* block_files = nullptr;

usize index_of(u64 number) { return ABI_MINOR(number) / 16; }

Result<Ref<File>> open_block_device(Inode& node, u32 flags) {
    BlockDevice* disk = block_device_by_number(node.device);
    if (disk == nullptr) return Errno{ENXIO};
    Ref<Inode> inode = TRY(block_files->inode(index_of(node.device), *disk));
    TRY(inode->sync());
    inode->pages.drop_all();
    return Ref<File>(TRY(make_ref<InodeFile>(move(inode), flags)));
}

}  // namespace

BlockDevice* block_device_by_number(u64 number) {
    usize index = index_of(number);
    return block_device_number(index) == number ? block_device(index) : nullptr;
}

void start_block_files() {
    Result<Ref<BlockFiles>> made = make_ref<BlockFiles>();
    if (!made.ok()) {
        return;  // disks can then be mounted, but not opened
    }
    block_files = made->leak();
    for (usize index = 0; block_device(index) != nullptr; index++) {
        Result<Owned<DeviceDriver>> driver =
            make<DeviceDriver>(u32{S_IFBLK}, block_device_number(index), open_block_device);
        if (driver.ok()) register_device(*driver->release());
    }
}
