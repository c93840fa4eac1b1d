// Taking blocks away from the end of a file, down to none when the file is deleted.
#include "fs/ext2/block_map.h"

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
    *slot.number = 0;
    changed(slot);
    TRY(volume_.free_block(block));
    add_blocks(-1);
    return {};
}
