// Which inodes are free: one bit for each inode of a group, in the group's inode bitmap.
#include "fs/ext2/volume.h"

Result<Block*> Ext2Volume::inode_bitmap(u32 group) {
    Ref<Block>& cached = groups_[group].inode_bitmap;
    if (!cached) cached = TRY(cache_->read(descriptor(group).bg_inode_bitmap));
    return cached.get();
}

// Files stay near their directory. Directories are spread: among the groups with at least as many
// free inodes as the average, the one with most free blocks.
u32 Ext2Volume::directory_group(u32 parent_group) const {
    u32 average = free_inodes_ / group_count_;
    u32 best = parent_group;
    u32 best_blocks = 0;
    for (u32 i = 0; i < group_count_; i++) {
        u32 group = (parent_group + i) % group_count_;
        const Ext2Group& own = descriptor(group);
        bool enough = own.bg_free_inodes_count != 0 && own.bg_free_inodes_count >= average;
        if (enough && own.bg_free_blocks_count > best_blocks) {
            best = group;
            best_blocks = own.bg_free_blocks_count;
        }
    }
    return best;
}

Result<u32> Ext2Volume::allocate_inode(u32 parent, InodeKind kind) {
    MutexGuard guard(lock_);
    // BEGIN SOLUTION(ext2.ialloc)
    u32 start = (parent - 1) / inodes_per_group_;
    if (kind == InodeKind::kDirectory) start = directory_group(start);
    for (u32 i = 0; i < group_count_ && free_inodes_ > 0; i++) {
        u32 group = (start + i) % group_count_;
        if (descriptor(group).bg_free_inodes_count == 0) continue;
        Block* bitmap = TRY(inode_bitmap(group));
        u32& hint = groups_[group].first_free_inode;
        u32 bit = find_clear_bit(bitmap->data(), hint, inodes_per_group_);
        hint = min(bit + 1, inodes_per_group_);
        if (bit == inodes_per_group_) {
            continue;  // the counter promised more than the bitmap has
        }
        set_bit(bitmap->data(), bit);
        mark_dirty(*bitmap);
        descriptor(group).bg_free_inodes_count--;
        if (kind == InodeKind::kDirectory) descriptor(group).bg_used_dirs_count++;
        mark_descriptor_dirty(group);
        free_inodes_--;
        return group * inodes_per_group_ + bit + 1;
    }
    return Errno{ENOSPC};
    // END SOLUTION
    // STUB: panic("ext2.ialloc: yours to write (parent %u, %d)", parent, static_cast<int>(kind));
}

Result<void> Ext2Volume::free_inode(u32 ino, InodeKind kind) {
    if (!valid_inode(ino) || ino == EXT2_ROOT_INO) return damaged("inode %u cannot be freed", ino);
    MutexGuard guard(lock_);
    // BEGIN SOLUTION(ext2.ifree)
    u32 group = (ino - 1) / inodes_per_group_;
    u32 bit = (ino - 1) % inodes_per_group_;
    Block* bitmap = TRY(inode_bitmap(group));
    if (!test_bit(bitmap->data(), bit)) return damaged("inode %u is freed twice", ino);
    clear_bit(bitmap->data(), bit);
    mark_dirty(*bitmap);
    groups_[group].first_free_inode = min(groups_[group].first_free_inode, bit);
    descriptor(group).bg_free_inodes_count++;
    if (kind == InodeKind::kDirectory && descriptor(group).bg_used_dirs_count > 0) {
        descriptor(group).bg_used_dirs_count--;
    }
    mark_descriptor_dirty(group);
    free_inodes_++;
    return {};
    // END SOLUTION
    // STUB: panic("ext2.ifree: yours to write (inode %u, %d)", ino, static_cast<int>(kind));
}
