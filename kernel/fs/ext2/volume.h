// An ext2 disk below its files: superblock, groups, bitmaps, inode table. A volume says which blocks
// and inodes are free, gives them out and takes them back, and finds inodes in the table.
// All that is read from the disk is checked before use; what cannot be right is reported in the log,
// noted in the superblock for e2fsck, makes the file system read-only, and becomes EUCLEAN.
// May be called holding inode and block-map locks; the volume's own lock (rank kFileSystem) guards
// bitmaps, group descriptors and counters. Reference: ext2_disk.h.
#pragma once
#include "abi/statfs.h"
#include "base/vector.h"
#include "block/block_cache.h"
#include "fs/ext2/ext2_disk.h"
#include "thread/mutex.h"

enum class InodeKind : u8 { kDirectory, kOther };

class Ext2Volume : Immovable {
  public:
    // Reads and checks superblock and group descriptors. EINVAL: not ext2, or a feature that this
    // code does not know (the log names it); EUCLEAN: damaged; EIO.
    static Result<Owned<Ext2Volume>> open(BlockDevice& device);

    // From here on the volume may be changed. EROFS if the disk is read-only, or has a feature that
    // only readers may ignore.
    Result<void> allow_writing();
    void forbid_writing() { writable_ = false; }
    bool writable() const { return writable_; }
    // This flag of the file system is set when damage is found. What was changed before that is
    // still written back.
    void set_on_damage(Atomic<bool>& read_only) { read_only_ = &read_only; }

    BlockCache& cache() { return *cache_; }
    usize block_size() const { return block_size_; }
    usize sectors_per_block() const { return block_size_ / kSectorSize; }
    usize inode_size() const { return inode_size_; }
    u32 inode_count() const { return inode_count_; }
    bool has_file_types() const { return has_file_types_; }
    // Whether `ino` may stand in a directory.
    bool valid_inode(u32 ino) const;
    // Whether `block` may belong to a file: on the disk, and no superblock, bitmap or inode table.
    bool valid_block(u32 block) const;

    // A free block, as near behind `goal` as there is one, now in use. ENOSPC.
    Result<u32> allocate_block(u32 goal);
    // EUCLEAN if it is not in use.
    Result<void> free_block(u32 block);
    // A free inode number, now in use, near inode `parent` or for a directory where there is room.
    Result<u32> allocate_inode(u32 parent, InodeKind kind);
    Result<void> free_inode(u32 ino, InodeKind kind);
    // The block to start from when looking for the first block of a file.
    u32 first_block_near(u32 ino) const;

    // Where inode `ino` (valid_inode) stands: in a block that stays in memory while it is held.
    struct InodePlace {
        Ref<Block> block;
        Ext2DiskInode* inode = nullptr;
    };
    Result<InodePlace> find_inode(u32 ino);
    u32 next_generation() { return generation_.fetch_add(1); }

    // All changes of blocks are announced here: the first after a sync also notes in the superblock
    // that the file system is in use.
    void mark_dirty(Block& block) {
        if (marked_clean_.load_relaxed()) [[unlikely]]
            unmark_clean();
        block.mark_dirty();
    }
    // Notes that a file of 2 GiB or more exists.
    void need_large_files();
    // Writes all changed blocks and flushes the disk, once. kClean: no change is under way above.
    enum class State : u8 { kInUse, kClean };
    Result<void> sync(State state);
    void statistics(struct statfs& result);

    // Reports damage and gives the error for it.
    Errno damaged(const char* what, ...) __attribute__((format(printf, 2, 3)));

  private:
    // What is kept in memory for each group; guarded by lock_.
    struct Group {
        Ref<Block> block_bitmap;  // null until it is wanted the first time
        Ref<Block> inode_bitmap;
        u32 first_free_block = 0;  // no bit below is clear
        u32 first_free_inode = 0;
    };
    explicit Ext2Volume(BlockDevice& device) : device_(device) {}
    template <typename T, typename... Args> friend Result<Owned<T>> make(Args&&... args);

    Result<void> read_superblock();
    Result<void> check_superblock(const Ext2Superblock& super);
    Result<void> check_features(const Ext2Superblock& super);
    Result<void> read_groups();
    Result<void> check_group(u32 group);
    bool group_has_superblock(u32 group) const;

    u32 group_first(u32 group) const { return first_data_block_ + group * blocks_per_group_; }
    u32 group_blocks(u32 group) const;
    u32 group_of_block(u32 block) const { return (block - first_data_block_) / blocks_per_group_; }
    Ext2Group& descriptor(u32 group) const;
    void mark_descriptor_dirty(u32 group);
    Result<Block*> block_bitmap(u32 group);
    Result<Block*> inode_bitmap(u32 group);
    u32 directory_group(u32 parent_group) const REQUIRES(lock_);
    void unmark_clean();

    BlockDevice& device_;
    Owned<BlockCache> cache_;
    Ref<Block> super_block_;
    Ext2Superblock* super_ = nullptr;  // in super_block_
    Vector<Ref<Block>> descriptor_blocks_;
    u32 descriptor_block_count_ = 0;
    Vector<Group> groups_;

    // Copied from the superblock, checked.
    u32 block_size_ = 0, inode_size_ = 0;
    u32 block_count_ = 0, inode_count_ = 0, first_data_block_ = 0, first_inode_ = 0;
    u32 blocks_per_group_ = 0, inodes_per_group_ = 0, group_count_ = 0;
    u32 table_blocks_ = 0;     // of each group's inode table
    u32 reserved_blocks_ = 0;  // behind each superblock, for more descriptors
    u32 overhead_ = 0;         // blocks that no file can have
    bool has_file_types_ = false, sparse_superblocks_ = false;
    bool unknown_ro_features_ = false;

    Mutex lock_{LockRank::kFileSystem, "ext2 volume"};
    u32 free_blocks_ GUARDED_BY(lock_) = 0;
    u32 free_inodes_ GUARDED_BY(lock_) = 0;
    bool writable_ = false;
    bool was_clean_ = false;  // at the first mount for writing
    Atomic<bool> marked_clean_{false};
    Atomic<u32> generation_{1};
    Atomic<u32> damage_reports_{0};
    Atomic<bool>* read_only_ = nullptr;
};

// The first clear bit of `bitmap` at or after `from` and before `bits`, or `bits`.
u32 find_clear_bit(const u8* bitmap, u32 from, u32 bits);
inline bool test_bit(const u8* bitmap, u32 bit) { return (bitmap[bit / 8] >> (bit % 8) & 1) != 0; }
inline void set_bit(u8* bitmap, u32 bit) { bitmap[bit / 8] |= static_cast<u8>(1 << (bit % 8)); }
inline void clear_bit(u8* bitmap, u32 bit) {
    bitmap[bit / 8] &= static_cast<u8>(~(1 << (bit % 8)));
}
