// Which blocks are free: one bit for each block of a group, in the group's block bitmap.
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
