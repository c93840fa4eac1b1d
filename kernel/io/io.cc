// How floor io takes part in booting: the in-memory root is made and filled, and what floor process
// did for want of files is replaced.
#include "cpu/console.h"
#include "cpu/init.h"
#include "io/cached_pages.h"
#include "io/device.h"
#include "io/flusher.h"
#include "io/initramfs.h"
#include "io/inode_file.h"
#include "io/names.h"
#include "io/process_files.h"
#include "io/ramfs.h"
#include "io/record_lock.h"
#include "io/terminal.h"
#include "process/cpio.h"

namespace {

constinit Inode* console_inode = nullptr;  // /dev/console of the first root; a counted reference

// A program for exec: a regular file that somebody may execute.
Result<Ref<File>> open_executable(StringView path) {
    Ref<Inode> inode = TRY(lookup_path(current_directory(), path, FollowLast::kYes));
    if (!inode->is_regular()) return Errno{EACCES};
    TRY(check_access(*inode, X_OK));
    return inode->open(O_RDONLY);
}

Result<Ref<File>> open_console() { return console_inode->open(O_RDWR | O_NOCTTY); }

Result<Owned<ProcessExtension>> first_extension() {
    return Owned<ProcessExtension>(TRY(make<ProcessFiles>(global_root(), global_root())));
}

Result<Ref<Inode>> make_console(const Ref<Inode>& root) {
    Result<Ref<Inode>> there = lookup_path(root, "dev/console", FollowLast::kYes);
    if (there.ok() && there->get()->device == kConsoleDevice) return there;
    Result<Ref<Inode>> made_dev = make_directory(*root, "dev", {.mode = S_IFDIR | 0755});
    if (!made_dev.ok() && made_dev.error().number != EEXIST) return made_dev;
    Ref<Inode> dev = TRY(lookup_entry(root, "dev"));
    return make_file(*dev, "console", {.mode = S_IFCHR | 0600, .device = kConsoleDevice});
}

Result<void> make_first_root() {
    Ref<FileSystem> ramfs = TRY(create_ramfs("rootfs", memory_stats().total / 2));
    Ref<Inode> root = ramfs->root();
    (void) ramfs.leak();  // the first root stays for ever
    set_global_root(root);
    Result<void> unpacked = unpack_archive(root, initial_archive());
    if (!unpacked.ok()) {
        kprintf("initramfs: the archive ends early: error %d\n", unpacked.error().number);
    }
    console_inode = TRY(make_console(root)).leak();
    return {};
}

void start_io() {
    CachedPages::create_table();
    start_flusher();
    start_terminal();
    Result<void> made = make_first_root();
    if (!made.ok()) panic("the first root cannot be made: error %d", made.error().number);
    process_hooks.open_executable = open_executable;
    process_hooks.open_console = open_console;
    process_hooks.first_extension = first_extension;
    process_hooks.descriptor_closed = release_record_locks;
    process_hooks.before_power_off = [] { (void) sync_all_file_systems(); };
}
INIT(Stage::kFiles, start_io);

}  // namespace
