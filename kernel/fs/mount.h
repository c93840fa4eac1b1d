// Mounts: which file system covers which directory. Path lookup (io/path.cc) crosses them through
// Inode::mounted and FileSystem::covered; this table says what there is, for mount(2), umount2(2) and
// /proc/mounts. A file system is mounted in one place only.
#pragma once
#include "io/file_system.h"

// A kind of file system that mount(2) knows by name.
struct FileSystemType {
    const char* name;
    bool needs_device;  // its source is a block device: "/dev/vda"
    Result<Ref<FileSystem>> (*open)(StringView source, bool read_only);
};
Span<const FileSystemType> file_system_types();
const FileSystemType* find_file_system_type(StringView name);

// Opens a file system and mounts it on `directory`, or as the root of everything where that is null:
// from now on a lookup of it finds the root of the new one. `source` is what /proc/mounts shows.
// ENOTDIR; ENOENT for a removed directory; EBUSY where the device is mounted somewhere, or a file
// system of this type just there; and what open() says.
Result<void> mount(const Ref<Inode>& directory, const FileSystemType& type, StringView source,
                   bool read_only);
// The same with a file system that is open already.
Result<void> mount_on(const Ref<Inode>& directory, const Ref<FileSystem>& fs, StringView source);
// Writes back and ends a mount: EINVAL if nothing is mounted at `root`, EBUSY if it is in use or the
// root of everything.
Result<void> unmount(Ref<Inode> root);

// Writes everything back and makes all disk file systems read-only, for power-off.
void finish_file_systems();
