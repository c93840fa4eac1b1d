// Mounts: which file system covers which directory. Path lookup (io/path.cc) crosses them through
// Inode::mounted and FileSystem::covered; this table says what there is, for mount(2), umount2(2) and
// /proc/mounts. A file system is mounted in one place only.
#pragma once
#include "base/list.h"
#include "io/file_system.h"

// A kind of file system that mount(2) knows by name.
struct FileSystemType {
    using Open = Result<Ref<FileSystem>> (*)(StringView source, bool read_only);

    constexpr FileSystemType(const char* type_name, bool on_device, Open open_function)
        : name(type_name), needs_device(on_device), open(open_function) {}

    const char* const name;
    // Whether `source` is the path of a block device; open() then gets the device's name.
    const bool needs_device;
    const Open open;
    ListNode node;
};
void register_file_system_type(FileSystemType& type);
// The type after `previous` in the order of registration (null: the first), or null.
FileSystemType* next_file_system_type(FileSystemType* previous);

// Mounts `fs` on `directory`: from now on a lookup of it finds the root of `fs`. `source` is what
// /proc/mounts shows. ENOTDIR; EBUSY if a file system of this type or source is mounted there.
Result<void> mount_on(Ref<Inode> directory, Ref<FileSystem> fs, StringView source);
// Makes `fs` the root of everything.
Result<void> mount_root(Ref<FileSystem> fs, StringView source);
// Whether a file system with this source is mounted (or detached and still in use).
bool is_mounted(StringView source);
// Ends a mount after writing it back: EINVAL if nothing is mounted at `root`, EBUSY if it is in use
// or the root. A busy one can be detached: it leaves the tree now, and ends when nobody uses it.
enum class Busy : u8 { kRefuse, kDetach };
Result<void> unmount(Ref<Inode> root, Busy busy);

// One line of /proc/mounts.
struct MountEntry {
    Ref<FileSystem> fs;
    char source[64];
};
// The mount with this index in order of mounting; false beyond the last.
bool mount_entry(usize index, MountEntry& entry);

// Writes everything back and makes all disk file systems read-only, for power-off.
void finish_file_systems();
