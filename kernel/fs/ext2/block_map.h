// Which disk block holds which block of a file: twelve numbers in the inode, then one, two and three
// levels of blocks full of numbers. 0 is a hole. One BlockMap serves one inode in memory.
// Its lock (rank kBlockMap) guards the numbers; callers need no other.
#pragma once
#include "fs/ext2/volume.h"

class BlockMap : Immovable {
  public:
    // `inode` lies in `home`, which the caller keeps in memory.
    BlockMap(Ext2Volume& volume, u32 ino, Ext2DiskInode& inode, Block& home);

    // The disk block of a file's block; 0 for a hole. EUCLEAN, EIO.
    Result<u32> find(u32 index);
    // The same, allocated where there is none. A new block has junk in it. ENOSPC changes nothing.
    Result<u32> find_or_allocate(u32 index);
    // How many blocks from `index` on lie side by side on the disk, or are holes all; at most `most`.
    struct Run {
        u32 block = 0;  // 0: holes
        u32 count = 0;
    };
    Result<Run> find_run(u32 index, u32 most);

    // Frees the blocks from `first` on, and indirect blocks no longer needed. Says where the file's
    // contents are cached: they leave the block cache before others can get the blocks.
    enum class Contents : u8 { kInPageCache, kInBlockCache };
    Result<void> truncate(u32 first, Contents contents);

    // The most blocks that a file can have.
    static u64 capacity(usize block_size);

  private:
    static constexpr usize kMaxDepth = 4;

    // The way from the inode to a block: an index into i_block, then into each indirect block.
    struct Path {
        u32 depth = 0;
        u32 at[kMaxDepth] = {};
    };
    Result<Path> path_to(u32 index) const;
    // A place where a number stands, and the block that it is in.
    struct Slot {
        Ref<Block> holder;  // null: the inode's own
        u32* number = nullptr;
    };
    Result<Slot> enter(const Slot& slot, u32 at);
    Result<u32> find_locked(u32 index);
    Result<u32> attach_branch(Slot slot, const Path& path, u32 level, u32 goal);
    u32 goal_for(u32 index, u32 position, const Slot& slot) const REQUIRES(lock_);
    Result<void> free_branch(const Slot& slot, u32 height, u64 keep, Contents contents);
    void changed(const Slot& slot);
    void add_blocks(i32 count);

    Ext2Volume& volume_;
    Ext2DiskInode& inode_;
    Block& home_;
    const u32 ino_;
    const u32 per_block_;  // numbers in one indirect block

    Mutex lock_{LockRank::kBlockMap, "ext2 block map"};
    // What was allocated last: the next block of the file shall follow it on the disk.
    u32 last_index_ GUARDED_BY(lock_) = 0;
    u32 last_block_ GUARDED_BY(lock_) = 0;
};
