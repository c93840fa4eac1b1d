// /dev. See devfs.h. It is a ramfs like any other, so programs can add to it.
#include "fs/devfs.h"

#include "block/block_device.h"
#include "fs/block_file.h"
#include "io/device.h"
#include "io/names.h"
#include "io/ramfs.h"

namespace {

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

}  // namespace

Result<Ref<FileSystem>> create_devfs() {
    Ref<FileSystem> fs = TRY(create_ramfs("devtmpfs", kPageLimit));
    Ref<Inode> root = fs->root();
    for (const Node& node : kNodes) {
        TRY(make_file(*root, node.name,
                      {.mode = S_IFCHR | node.permissions, .device = node.device}));
    }
    for (usize index = 0; BlockDevice* disk = block_device(index); index++) {
        u64 number = block_device_number(index);
        TRY(make_file(*root, disk->name(), {.mode = S_IFBLK | 0660, .device = number}));
    }
    for (const auto& link : kLinks) TRY(make_symlink(*root, link[0], link[1]));
    return fs;
}
