// How floor io takes part in booting: the in-memory root is made and filled from the archive, and what
// floor process did for want of files is replaced. Process 1 starts in this root unless floor fs
// mounts a disk in its place.
#include "base/vector.h"
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

// A file with several names: the archive numbers it, and one of the names comes with the contents.
struct HardLink {
    u32 number;
    Ref<Inode> inode;
};

// The directory for an entry, with those above it that the archive leaves out.
Result<ParentAndName> make_parents(const Ref<Inode>& root, StringView name) {
    for (usize slash = name.find('/'); slash != StringView::kNone;
         slash = name.find('/', slash + 1)) {
        Result<Ref<Inode>> there = lookup_path(root, name.first(slash), FollowLast::kYes);
        if (there.ok() || there.error().number != ENOENT) continue;
        ParentAndName parent = TRY(lookup_parent(root, name.first(slash)));
        TRY(make_directory(*parent.directory, parent.name(), {.mode = S_IFDIR | 0755}));
    }
    return lookup_parent(root, name);
}

Result<Ref<Inode>> make_inode(const ParentAndName& parent, const CpioEntry& entry) {
    NewInode attributes{entry.mode, entry.uid, entry.gid, entry.device};
    switch (entry.mode & S_IFMT) {
    case S_IFDIR: return make_directory(*parent.directory, parent.name(), attributes);
    case S_IFLNK:
        return make_symlink(*parent.directory, parent.name(),
                            {reinterpret_cast<const char*>(entry.data.data()), entry.data.size()});
    case S_IFREG:
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO: return make_file(*parent.directory, parent.name(), attributes);
    default: return Errno{EINVAL};
    }
}

Result<void> unpack(const Ref<Inode>& root, const CpioEntry& entry, Vector<HardLink>& links) {
    if (entry.name.empty()) {
        root->mode.store(S_IFDIR | (entry.mode & 07777));
        return {};
    }
    ParentAndName parent = TRY(make_parents(root, entry.name));
    bool linked = (entry.mode & S_IFMT) == S_IFREG && entry.nlink > 1;
    for (HardLink& known : links) {
        if (!linked || known.number != entry.ino) continue;
        TRY(make_link(*parent.directory, parent.name(), *known.inode));
        return entry.data.empty() ? Result<void>() : write_from_kernel(*known.inode, 0, entry.data);
    }
    if (linked) TRY(links.reserve(1));
    Ref<Inode> inode = TRY(make_inode(parent, entry));
    if (linked) links.add({entry.ino, inode});
    if (inode->is_regular()) TRY(write_from_kernel(*inode, 0, entry.data));
    inode->mtime.store(static_cast<i64>(u64{entry.mtime} * kSecond));
    return {};
}

}  // namespace

Result<void> write_from_kernel(Inode& inode, u64 offset, ConstBytes bytes) {
    MutexGuard guard(inode.lock);
    for (usize done = 0; done < bytes.size();) {
        u64 at = offset + done;
        ConstBytes piece = bytes.sub(done, kPageSize - at % kPageSize);
        Ref<CachedPage> page = TRY(inode.pages.get(at / kPageSize));
        TRY(inode.prepare_write(at, piece.size()));
        memcpy(page->data() + at % kPageSize, piece.data(), piece.size());
        inode.pages.mark_dirty(*page);
        inode.size.store(max(inode.size.load(), at + piece.size()));
        done += piece.size();
    }
    return inode.write_attributes();
}

// An entry that cannot be made (its name is there already, its parent is a file) is left out with a
// message: the archive comes from outside, and what is good in it may be enough.
Result<void> unpack_archive(const Ref<Inode>& root, ConstBytes archive) {
    CpioReader reader(archive);
    Vector<HardLink> links;
    CpioEntry entry;
    while (TRY(reader.next(entry))) {
        Result<void> unpacked = unpack(root, entry, links);
        if (unpacked.ok() || (unpacked.error().number == EEXIST && S_ISDIR(entry.mode))) continue;
        kprintf("initramfs: %.*s: error %d\n", static_cast<int>(entry.name.size()),
                entry.name.data(), unpacked.error().number);
        if (unpacked.error().number == ENOMEM || unpacked.error().number == ENOSPC) return unpacked;
    }
    return {};
}

namespace {

constinit Inode* console_inode = nullptr;  // /dev/console of the first root; a counted reference

// A program for exec: a regular file that somebody may execute.
Result<Ref<File>> open_executable(StringView path) {
    Ref<Inode> inode = TRY(lookup_path(current_directory(), path, FollowLast::kYes));
    if (!inode->is_regular()) return Errno{EACCES};
    TRY(check_access(*inode, X_OK));
    using Use = Inode::Use;
    return Ref<File>(TRY(make_ref<InodeFile>(move(inode), O_RDONLY, Use(), Use::kRun)));
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
