// The first root. See initramfs.h. Process 1 starts in it unless floor fs mounts a disk in its place.
#include "io/initramfs.h"

#include "cpu/console.h"
#include "cpu/init.h"
#include "io/names.h"
#include "io/ramfs.h"
#include "process/cpio.h"

namespace {

// Files with several names: the archive numbers them, and one of the names comes with the contents.
struct HardLinks {
    struct Known {
        ListNode node;
        u32 number = 0;
        Ref<Inode> inode;
    };
    List<Known, &Known::node> list;

    ~HardLinks() {
        while (Known* known = list.pop_front()) delete known;
    }
    Inode* find(u32 number) {
        for (Known& known : list)
            if (known.number == number) return known.inode.get();
        return nullptr;
    }
    Result<void> remember(u32 number, const Ref<Inode>& inode) {
        Owned<Known> known = TRY(make<Known>());
        known->number = number;
        known->inode = inode;
        list.push_back(*known.release());
        return {};
    }
};

// The directory for an entry, with those above it that the archive leaves out.
Result<void> make_parents(const Ref<Inode>& root, StringView name, ParentAndName& parent) {
    for (usize slash = name.find('/'); slash != StringView::kNone;
         slash = name.find('/', slash + 1)) {
        Result<Ref<Inode>> there = lookup_path(root, name.first(slash), FollowLast::kYes);
        if (there.ok() || there.error().number != ENOENT) continue;
        TRY(lookup_parent(root, name.first(slash), parent));
        TRY(make_directory(*parent.directory, parent.name(), {.mode = S_IFDIR | 0755}));
    }
    return lookup_parent(root, name, parent);
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

Result<void> unpack(const Ref<Inode>& root, const CpioEntry& entry, HardLinks& links) {
    if (entry.name.empty()) {
        root->mode.store(S_IFDIR | (entry.mode & 07777));
        return {};
    }
    ParentAndName parent;
    TRY(make_parents(root, entry.name, parent));
    bool linked = (entry.mode & S_IFMT) == S_IFREG && entry.nlink > 1;
    Inode* known = linked ? links.find(entry.ino) : nullptr;
    if (known != nullptr) {
        TRY(make_link(*parent.directory, parent.name(), *known));
        return entry.data.empty() ? Result<void>() : write_from_kernel(*known, 0, entry.data);
    }
    Ref<Inode> inode = TRY(make_inode(parent, entry));
    if (linked) TRY(links.remember(entry.ino, inode));
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
Result<void> unpack_archive(Ref<Inode> root, ConstBytes archive) {
    CpioReader reader(archive);
    HardLinks links;
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
