// Finding and adding blocks of a file, and taking them away from its end.
#include "fs/ext2/block_map.h"

BlockMap::BlockMap(Ext2Volume& volume, u32 ino, Ext2DiskInode& inode, Block& home)
    : volume_(volume), inode_(inode), home_(home), ino_(ino),
      per_block_(static_cast<u32>(volume.block_size() / sizeof(u32))) {}

u64 BlockMap::capacity(usize block_size) {
    u64 n = block_size / sizeof(u32);
    return EXT2_NDIR_BLOCKS + n + n * n + n * n * n;
}

Result<BlockMap::Path> BlockMap::path_to(u32 index) const {
    Path path;
    u64 rest = index;
    if (rest < EXT2_NDIR_BLOCKS) {
        path.at[path.depth++] = index;
        return path;
    }
    rest -= EXT2_NDIR_BLOCKS;
    u64 covered = per_block_;  // blocks below one number of i_block
    for (u32 levels = 1; levels < kMaxDepth; levels++) {
        if (rest < covered) {
            path.at[path.depth++] = static_cast<u32>(EXT2_NDIR_BLOCKS + levels - 1);
            for (u64 below = covered / per_block_; below > 0; below /= per_block_) {
                path.at[path.depth++] = static_cast<u32>(rest / below % per_block_);
            }
            return path;
        }
        rest -= covered;
        covered *= per_block_;
    }
    return Errno{EFBIG};
}

// The `at`-th number of the indirect block that `slot` names.
Result<BlockMap::Slot> BlockMap::enter(const Slot& slot, u32 at) {
    if (!volume_.valid_block(*slot.number)) {
        return volume_.damaged("inode %u: indirect block %u", ino_, *slot.number);
    }
    Slot inner;
    inner.holder = TRY(volume_.cache().read(*slot.number));
    inner.number = inner.holder->at<u32>(at * sizeof(u32));
    return inner;
}

Result<u32> BlockMap::find(u32 index) {
    MutexGuard guard(lock_);
    return find_locked(index);
}

Result<u32> BlockMap::find_locked(u32 index) {
    // BEGIN SOLUTION(ext2.bmap)
    Path path = TRY(path_to(index));
    Slot slot{nullptr, &inode_.i_block[path.at[0]]};
    for (u32 level = 1; level < path.depth && *slot.number != 0; level++) {
        slot = TRY(enter(slot, path.at[level]));
    }
    u32 block = *slot.number;
    if (block != 0 && !volume_.valid_block(block)) {
        return volume_.damaged("inode %u: block %u", ino_, block);
    }
    return block;
    // END SOLUTION
    // STUB: panic("ext2.bmap: yours to write (block %u of inode %u)", index, ino_);
}

Result<BlockMap::Run> BlockMap::find_run(u32 index, u32 most) {
    MutexGuard guard(lock_);
    Run run;
    run.block = TRY(find_locked(index));
    for (run.count = 1; run.count < most; run.count++) {
        u32 expected = run.block == 0 ? 0 : run.block + run.count;
        if (TRY(find_locked(index + run.count)) != expected) break;
    }
    return run;
}

Result<u32> BlockMap::find_or_allocate(u32 index) {
    MutexGuard guard(lock_);
    // BEGIN SOLUTION(ext2.bmap_allocate)
    Path path = TRY(path_to(index));
    Slot slot{nullptr, &inode_.i_block[path.at[0]]};
    u32 level = 1;
    while (level < path.depth && *slot.number != 0) slot = TRY(enter(slot, path.at[level++]));
    if (*slot.number != 0) {
        u32 block = *slot.number;
        return volume_.valid_block(block) ? Result<u32>(block)
                                          : volume_.damaged("inode %u: block %u", ino_, block);
    }
    u32 block = TRY(attach_branch(slot, path, level, goal_for(index, path.at[level - 1], slot)));
    last_index_ = index;
    last_block_ = block;
    return block;
    // END SOLUTION
    // STUB: panic("ext2.bmap_allocate: yours to write (block %u of inode %u)", index, ino_);
}

// Allocates the data block and the indirect blocks that lead to it from `slot` (a hole), bottom
// last; only when it has all is the branch attached, so that a full disk changes nothing.
Result<u32> BlockMap::attach_branch(Slot slot, const Path& path, u32 level, u32 goal) {
    u32 numbers[kMaxDepth];
    Ref<Block> indirect[kMaxDepth];
    u32 count = 0;
    Defer undo([&] {
        for (u32 i = 0; i < count; i++) {
            volume_.cache().forget(numbers[i]);
            (void) volume_.free_block(numbers[i]);
        }
    });
    u32 needed = path.depth - level + 1;
    ASSERT(needed > 0 && needed <= kMaxDepth);
    while (count < needed) {
        numbers[count] = TRY(volume_.allocate_block(goal));
        goal = numbers[count++] + 1;
        if (count < needed) {
            indirect[count - 1] = TRY(volume_.cache().get_zeroed(numbers[count - 1]));
        }
    }
    undo.cancel();
    for (u32 i = 0; i + 1 < needed; i++) {
        *indirect[i]->at<u32>(path.at[level + i] * sizeof(u32)) = numbers[i + 1];
        volume_.mark_dirty(*indirect[i]);
    }
    *slot.number = numbers[0];
    changed(slot);
    add_blocks(static_cast<i32>(needed));
    return numbers[needed - 1];
}

// Where a block for `slot`, number `position` in its row, should best be: behind the block before
// it in the file; else behind the indirect block; else in the group of the inode.
u32 BlockMap::goal_for(u32 index, u32 position, const Slot& slot) const {
    if (last_block_ != 0 && index == last_index_ + 1) return last_block_ + 1;
    if (position > 0 && slot.number[-1] != 0) return slot.number[-1] + 1;
    return slot.holder ? static_cast<u32>(slot.holder->number()) + 1
                       : volume_.first_block_near(ino_);
}

void BlockMap::changed(const Slot& slot) { volume_.mark_dirty(slot.holder ? *slot.holder : home_); }

void BlockMap::add_blocks(i32 count) {
    i32 sectors = static_cast<i32>(volume_.sectors_per_block());
    inode_.i_blocks += static_cast<u32>(count * sectors);
    volume_.mark_dirty(home_);
}

Result<void> BlockMap::truncate(u32 first, Contents contents) {
    MutexGuard guard(lock_);
    last_block_ = 0;
    // BEGIN SOLUTION(ext2.truncate)
    // i_block's entries in order, each with the number of blocks that it stands for.
    Result<void> result;
    u64 start = 0;
    u64 span = 1;
    for (u32 i = 0; i < EXT2_N_BLOCKS; i++) {
        u32 height = i < EXT2_NDIR_BLOCKS ? 0 : static_cast<u32>(i - EXT2_NDIR_BLOCKS + 1);
        span = height == 0 ? 1 : span * per_block_;
        if (first < start + span) {
            u64 keep = first > start ? first - start : 0;
            Result<void> one = free_branch({nullptr, &inode_.i_block[i]}, height, keep, contents);
            result = result.ok() ? one : result;
        }
        start += span;
    }
    return result;
    // END SOLUTION
    // STUB: panic("ext2.truncate: yours to write (from %u, %d)", first, static_cast<int>(contents));
}

// Frees what stands below `slot`, a number `height` levels above the data, from its `keep`-th block
// on. Damage ends it: each block is freed only once, so what refers to itself does not loop.
Result<void> BlockMap::free_branch(const Slot& slot, u32 height, u64 keep, Contents contents) {
    u32 block = *slot.number;
    if (block == 0) return {};
    if (height > 0) {
        u64 span = 1;  // blocks below each number in this indirect block
        for (u32 i = 1; i < height; i++) span *= per_block_;
        Slot inner = TRY(enter(slot, 0));
        u32* numbers = inner.number;
        for (u64 i = keep / span; i < per_block_; i++) {
            if (numbers[i] != 0) {
                inner.number = &numbers[i];
                TRY(free_branch(inner, height - 1, i == keep / span ? keep % span : 0, contents));
            }
        }
    }
    if (keep > 0) return {};
    if (!volume_.valid_block(block)) return volume_.damaged("inode %u: block %u", ino_, block);
    if (height > 0 || contents == Contents::kInBlockCache) volume_.cache().forget(block);
    // In this order: what cannot be freed, for want of memory for the bitmap, stays the file's.
    TRY(volume_.free_block(block));
    *slot.number = 0;
    changed(slot);
    add_blocks(-1);
    return {};
}
