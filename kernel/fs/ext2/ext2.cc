// The file system as a whole: opened, synchronised, unmounted; and its inodes by number.
#include "fs/ext2/ext2.h"

#include "cpu/console.h"

Result<Ref<FileSystem>> open_ext2(BlockDevice& device, bool read_only) {
    Owned<Ext2Volume> volume = TRY(Ext2Volume::open(device));
    Ref<Ext2> fs = TRY(make_ref<Ext2>(move(volume)));
    TRY(fs->start(read_only));
    fs->make_known();
    return Ref<FileSystem>(move(fs));
}

Ext2::Ext2(Owned<Ext2Volume> volume) : FileSystem("ext2", Resting::kOnDisk), volume_(move(volume)) {
    volume_->set_on_damage(read_only_);
    read_only_.store(true);
}

Ext2::~Ext2() {
    root_ = nullptr;
    // The inodes hold blocks of the volume's cache.
    inodes.shrink(~usize{0});
}

Result<void> Ext2::start(bool read_only) {
    Ref<Ext2Inode> root = TRY(inode(EXT2_ROOT_INO));
    if (!root->is_directory()) return volume_->damaged("the root is not a directory");
    root->set_parent(EXT2_ROOT_INO);
    root_ = move(root);
    if (read_only) return {};
    Result<void> writable = remount(false);
    if (!writable.ok()) {
        kprintf("ext2 on %s: mounted read-only\n", volume_->cache().device().name());
    }
    return {};
}

Result<void> Ext2::statfs(struct statfs& result) {
    volume_->statistics(result);
    result.f_flags = ST_VALID | (read_only() ? ST_RDONLY : 0);
    return {};
}

Result<void> Ext2::sync() {
    if (!volume_->writable()) return {};
    Result<void> files = FileSystem::sync();
    Result<void> blocks = volume_->sync(Ext2Volume::State::kClean);
    return files.ok() ? blocks : files;
}

Result<void> Ext2::remount(bool read_only) {
    if (!read_only) {
        TRY(volume_->allow_writing());
        read_only_.store(false);
    } else if (volume_->writable()) {
        TRY(sync());
        read_only_.store(true);
        volume_->forbid_writing();
    }
    return {};
}

void Ext2::free_inode(Inode& inode) {
    if (volume_->writable()) ext2_inode(inode).free();
}

Result<Ref<Ext2Inode>> Ext2::inode(u32 ino) {
    if (!volume_->valid_inode(ino)) return volume_->damaged("inode %u in a directory", ino);
    Ref<Inode> known = inodes.find(ino);
    if (!known) {
        Ext2Volume::InodePlace place = TRY(volume_->find_inode(ino));
        u32 mode = place.inode->i_mode;
        Owned<Ext2Inode> fresh = TRY(make<Ext2Inode>(*this, ino, mode, move(place)));
        TRY(fresh->load());
        known = inodes.insert(move(fresh));
    }
    return Ref<Ext2Inode>::adopt(&ext2_inode(*known.leak()));
}

Result<Ref<Ext2Inode>> Ext2::new_inode(Ext2Inode& directory, const NewInode& attributes) {
    InodeKind kind = S_ISDIR(attributes.mode) ? InodeKind::kDirectory : InodeKind::kOther;
    u32 ino = TRY(volume_->allocate_inode(static_cast<u32>(directory.ino), kind));
    Defer undo([&] { (void) volume_->free_inode(ino, kind); });
    Ext2Volume::InodePlace place = TRY(volume_->find_inode(ino));
    if (place.inode->i_links_count != 0 || inodes.find(ino)) {
        undo.cancel();  // rather lose a number than give one to two files
        return volume_->damaged("inode %u is in use but free in the bitmap", ino);
    }
    Owned<Ext2Inode> fresh = TRY(make<Ext2Inode>(*this, ino, attributes.mode, move(place)));
    undo.cancel();  // from here on dropping the inode frees it
    fresh->initialise(attributes);
    Ref<Inode> added = inodes.insert(move(fresh));
    return Ref<Ext2Inode>::adopt(&ext2_inode(*added.leak()));
}
