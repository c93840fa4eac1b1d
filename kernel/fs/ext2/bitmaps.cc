// Which blocks and which inodes are free: one bit for each of a group, in the group's two bitmaps.
#include "fs/ext2/volume.h"

u32 find_clear_bit(const u8* bitmap, u32 from, u32 bits) {
    for (u32 word = from / 64; word * 64 < bits; word++) {
        u64 clear = ~reinterpret_cast<const u64*>(bitmap)[word];
        if (word == from / 64) clear &= ~u64{0} << (from % 64);
        if (clear != 0) {
            u32 bit = word * 64 + lowest_bit(clear);
            return min(bit, bits);
        }
    }
    return bits;
}

// The group's block bitmap; checked when it is read: the group's own metadata is not free in it.
Result<Block*> Ext2Volume::block_bitmap(u32 group) {
    Ref<Block>& cached = groups_[group].block_bitmap;
    if (!cached) {
        const Ext2Group& own = descriptor(group);
        Ref<Block> block = TRY(cache_->read(own.bg_block_bitmap));
        u32 first = group_first(group);
        bool sound = test_bit(block->data(), own.bg_block_bitmap - first) &&
                     test_bit(block->data(), own.bg_inode_bitmap - first);
        for (u32 i = 0; i < table_blocks_; i++) {
            sound = sound && test_bit(block->data(), own.bg_inode_table - first + i);
        }
        u32 header = group_has_superblock(group) ? 1 + descriptor_block_count_ : 0;
        for (u32 i = 0; i < header; i++) sound = sound && test_bit(block->data(), i);
        if (!sound) return damaged("group %u: its bitmap calls metadata free", group);
        cached = move(block);
    }
    return cached.get();
}

Result<u32> Ext2Volume::allocate_block(u32 goal) {
    MutexGuard guard(lock_);
    // BEGIN SOLUTION(ext2.balloc)
    if (goal < first_data_block_ || goal >= block_count_) goal = first_data_block_;
    u32 goal_group = group_of_block(goal);
    for (u32 i = 0; i < group_count_ && free_blocks_ > 0; i++) {
        u32 group = (goal_group + i) % group_count_;
        if (descriptor(group).bg_free_blocks_count == 0) continue;
        Block* bitmap = TRY(block_bitmap(group));
        u32 bits = group_blocks(group);
        u32& hint = groups_[group].first_free_block;
        // From the goal to the end of its group first, then the group's beginning.
        u32 wanted = i == 0 ? max(goal - group_first(group), hint) : hint;
        u32 bit = find_clear_bit(bitmap->data(), wanted, bits);
        if (bit == bits) bit = find_clear_bit(bitmap->data(), hint, bits);
        if (bit == bits) {
            hint = bits;  // the counter promised more than the bitmap has
            continue;
        }
        hint = bit == hint ? bit + 1 : hint;
        set_bit(bitmap->data(), bit);
        mark_dirty(*bitmap);
        descriptor(group).bg_free_blocks_count--;
        mark_descriptor_dirty(group);
        free_blocks_--;
        return group_first(group) + bit;
    }
    return Errno{ENOSPC};
    // END SOLUTION
    // STUB: panic("ext2.balloc: yours to write (near block %u)", goal);
}

Result<void> Ext2Volume::free_block(u32 block) {
    if (!valid_block(block)) return damaged("block %u cannot belong to a file", block);
    MutexGuard guard(lock_);
    // BEGIN SOLUTION(ext2.bfree)
    u32 group = group_of_block(block);
    u32 bit = block - group_first(group);
    Block* bitmap = TRY(block_bitmap(group));
    if (!test_bit(bitmap->data(), bit)) return damaged("block %u is freed twice", block);
    clear_bit(bitmap->data(), bit);
    mark_dirty(*bitmap);
    groups_[group].first_free_block = min(groups_[group].first_free_block, bit);
    descriptor(group).bg_free_blocks_count++;
    mark_descriptor_dirty(group);
    free_blocks_++;
    return {};
    // END SOLUTION
    // STUB: panic("ext2.bfree: yours to write (block %u)", block);
}

u32 Ext2Volume::first_block_near(u32 ino) const {
    return group_first((ino - 1) / inodes_per_group_);
}

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
