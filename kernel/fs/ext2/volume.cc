// Opening a volume: what the superblock and the group descriptors say, checked. Also sync and the
// numbers for statfs. Giving out blocks and inodes is in bitmaps.cc.
#include "fs/ext2/volume.h"

#include "base/address.h"
#include "cpu/console.h"
#include "cpu/rtc.h"
#include "cpu/time.h"

namespace {

// What other writers of this family may have turned on: by bit, as e2fsprogs calls them.
constexpr const char* kIncompatible[] = {
    "compression", "filetype", "needs_recovery", "journal_dev", "meta_bg",
    nullptr,       "extents",  "64bit",          "mmp",         "flex_bg",
    "ea_inode",    nullptr,    "dirdata",        "csum_seed",   "large_dir",
    "inline_data", "encrypt",  "casefold",
};
constexpr const char* kReadOnlyCompatible[] = {
    "sparse_super", "large_file",   "btree_dir",     "huge_file", "uninit_bg",     "dir_nlink",
    "extra_isize",  "has_snapshot", "quota",         "bigalloc",  "metadata_csum", "replica",
    "read-only",    "project",      "shared_blocks", "verity",
};

// Prints the names of all bits in `unknown`.
void print_features(BlockDevice& device, const char* consequence, u32 unknown,
                    Span<const char* const> names) {
    for (u32 bit = 0; bit < 32; bit++) {
        if ((unknown >> bit & 1) == 0) continue;
        const char* name = bit < names.size() && names[bit] != nullptr ? names[bit] : "unknown";
        kprintf("ext2 on %s: %s: feature %s (%#x)\n", device.name(), consequence, name, 1u << bit);
    }
}

}  // namespace

Result<Owned<Ext2Volume>> Ext2Volume::open(BlockDevice& device) {
    Owned<Ext2Volume> volume = TRY(make<Ext2Volume>(device));
    TRY(volume->read_superblock());
    TRY(volume->read_groups());
    return move(volume);
}

Result<void> Ext2Volume::read_superblock() {
    u8* bytes = static_cast<u8*>(heap_allocate(kSuperblockSize));
    if (bytes == nullptr) return Errno{ENOMEM};
    Defer free([&] { heap_free(bytes); });
    TRY(device_.read(kSuperblockOffset / kSectorSize, {bytes, kSuperblockSize}));
    TRY(check_superblock(*reinterpret_cast<Ext2Superblock*>(bytes)));
    cache_ = TRY(BlockCache::create(device_, block_size_));
    super_block_ = TRY(cache_->read(kSuperblockOffset / block_size_));
    super_ = super_block_->at<Ext2Superblock>(kSuperblockOffset % block_size_);
    generation_.store(static_cast<u32>(wall_clock_now() / kMillisecond));
    return {};
}

// Fills the fields that come from the superblock.
Result<void> Ext2Volume::check_superblock(const Ext2Superblock& super) {
    // BEGIN SOLUTION(ext2.parse_super)
    if (super.s_magic != EXT2_SUPER_MAGIC_DISK || super.s_rev_level > EXT2_DYNAMIC_REV) {
        return Errno{EINVAL};
    }
    TRY(check_features(super));
    if (super.s_log_block_size > log2_floor(kPageSize / 1024)) {
        kprintf("ext2 on %s: blocks of more than %lu bytes\n", device_.name(), kPageSize);
        return Errno{EINVAL};
    }
    block_size_ = 1024u << super.s_log_block_size;
    bool old = super.s_rev_level == EXT2_GOOD_OLD_REV;
    inode_size_ = old ? EXT2_GOOD_OLD_INODE_SIZE : super.s_inode_size;
    first_inode_ = old ? EXT2_GOOD_OLD_FIRST_INO : super.s_first_ino;
    block_count_ = super.s_blocks_count;
    inode_count_ = super.s_inodes_count;
    first_data_block_ = super.s_first_data_block;
    blocks_per_group_ = super.s_blocks_per_group;
    inodes_per_group_ = super.s_inodes_per_group;
    reserved_blocks_ = old ? 0 : super.s_reserved_gdt_blocks;

    // A bitmap is one block, so a group has no more blocks or inodes than a block has bits.
    u32 bits = block_size_ * 8;
    u64 disk_blocks = device_.sector_count() / sectors_per_block();
    bool sizes_fit = inode_size_ >= EXT2_GOOD_OLD_INODE_SIZE && inode_size_ <= block_size_ &&
                     is_power_of_two(inode_size_) && blocks_per_group_ >= 8 &&
                     blocks_per_group_ <= bits && inodes_per_group_ >= 1 &&
                     inodes_per_group_ <= bits;
    bool counts_fit = first_data_block_ == (block_size_ == 1024 ? 1 : 0) &&
                      block_count_ > first_data_block_ && block_count_ <= disk_blocks &&
                      first_inode_ >= EXT2_GOOD_OLD_FIRST_INO && first_inode_ <= inode_count_;
    if (!sizes_fit || !counts_fit) {
        kprintf("ext2 on %s: the superblock does not fit this disk\n", device_.name());
        return Errno{EUCLEAN};
    }
    group_count_ = static_cast<u32>(divide_up(block_count_ - first_data_block_, blocks_per_group_));
    table_blocks_ = static_cast<u32>(divide_up(u64{inodes_per_group_} * inode_size_, block_size_));
    if (u64{group_count_} * inodes_per_group_ != inode_count_) {
        kprintf("ext2 on %s: %u inodes in %u groups of %u\n", device_.name(), inode_count_,
                group_count_, inodes_per_group_);
        return Errno{EUCLEAN};
    }
    return {};
    // END SOLUTION
    // STUB: panic("ext2.parse_super: yours to write (magic %#x)", super.s_magic);
}

Result<void> Ext2Volume::check_features(const Ext2Superblock& super) {
    if (super.s_rev_level == EXT2_GOOD_OLD_REV) {
        return {};  // the fields do not exist yet
    }
    has_file_types_ = (super.s_feature_incompat & EXT2_FEATURE_INCOMPAT_FILETYPE) != 0;
    sparse_superblocks_ = (super.s_feature_ro_compat & EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER) != 0;
    u32 unknown = super.s_feature_incompat & ~EXT2_FEATURE_INCOMPAT_FILETYPE;
    if (unknown != 0) {
        print_features(device_, "not mounted", unknown, kIncompatible);
        return Errno{EINVAL};
    }
    unknown = super.s_feature_ro_compat &
              ~(EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER | EXT2_FEATURE_RO_COMPAT_LARGE_FILE);
    unknown_ro_features_ = unknown != 0;
    print_features(device_, "read-only", unknown, kReadOnlyCompatible);
    return {};
}

Result<void> Ext2Volume::read_groups() {
    u32 per_block = block_size_ / static_cast<u32>(sizeof(Ext2Group));
    descriptor_block_count_ = static_cast<u32>(divide_up(group_count_, per_block));
    if (first_data_block_ + 1 + descriptor_block_count_ > block_count_) {
        return damaged("no room for the group descriptors");
    }
    TRY(descriptor_blocks_.resize(descriptor_block_count_));
    TRY(groups_.resize(group_count_));
    for (u32 i = 0; i < descriptor_block_count_; i++) {
        descriptor_blocks_[i] = TRY(cache_->read(first_data_block_ + 1 + i));
    }
    u64 free_blocks = 0;
    u64 free_inodes = 0;
    for (u32 group = 0; group < group_count_; group++) {
        TRY(check_group(group));
        free_blocks += descriptor(group).bg_free_blocks_count;
        free_inodes += descriptor(group).bg_free_inodes_count;
        overhead_ += 2 + table_blocks_;
        overhead_ +=
            group_has_superblock(group) ? 1 + descriptor_block_count_ + reserved_blocks_ : 0;
    }
    // Reserved inodes are never given out, whatever the bitmap says.
    groups_[0].first_free_inode = min(first_inode_ - 1, inodes_per_group_);
    MutexGuard guard(lock_);
    free_blocks_ = static_cast<u32>(free_blocks);
    free_inodes_ = static_cast<u32>(free_inodes);
    return {};
}

// Without flex_bg a group's bitmaps and inode table lie in the group itself.
Result<void> Ext2Volume::check_group(u32 group) {
    const Ext2Group& found = descriptor(group);
    u32 first = group_first(group);
    u32 blocks = group_blocks(group);
    u32 header = group_has_superblock(group) ? 1 + descriptor_block_count_ : 0;
    u32 table = found.bg_inode_table - first;
    auto bad = [&](u32 block) {  // outside the group, or the place of something else
        u32 at = block - first;
        return at < header || at >= blocks || at - table < table_blocks_;
    };
    bool table_bad = table < header || table >= blocks || table_blocks_ > blocks - table;
    if (table_bad || bad(found.bg_block_bitmap) || bad(found.bg_inode_bitmap) ||
        found.bg_block_bitmap == found.bg_inode_bitmap) {
        return damaged("group %u: its bitmaps or inodes lie outside it, or on each other", group);
    }
    if (found.bg_free_blocks_count > blocks || found.bg_free_inodes_count > inodes_per_group_) {
        return damaged("group %u: more is free than it has", group);
    }
    return {};
}

bool Ext2Volume::group_has_superblock(u32 group) const {
    if (!sparse_superblocks_ || group <= 1) return true;
    constexpr u32 kBases[] = {3, 5, 7};
    for (u32 base : kBases) {
        u64 power = base;
        while (power < group) power *= base;
        if (power == group) return true;
    }
    return false;
}

u32 Ext2Volume::group_blocks(u32 group) const {
    return min(blocks_per_group_, block_count_ - group_first(group));
}

Ext2Group& Ext2Volume::descriptor(u32 group) const {
    u32 per_block = block_size_ / static_cast<u32>(sizeof(Ext2Group));
    return descriptor_blocks_[group / per_block]->at<Ext2Group>(0)[group % per_block];
}

void Ext2Volume::mark_descriptor_dirty(u32 group) {
    mark_dirty(*descriptor_blocks_[group / (block_size_ / sizeof(Ext2Group))]);
}

bool Ext2Volume::valid_inode(u32 ino) const {
    return ino == EXT2_ROOT_INO || (ino >= first_inode_ && ino <= inode_count_);
}

bool Ext2Volume::valid_block(u32 block) const {
    if (block < first_data_block_ || block >= block_count_) return false;
    u32 group = group_of_block(block);
    const Ext2Group& own = descriptor(group);
    if (block - own.bg_inode_table < table_blocks_ || block == own.bg_block_bitmap ||
        block == own.bg_inode_bitmap) {
        return false;
    }
    u32 header = 1 + descriptor_block_count_ + reserved_blocks_;
    return block - group_first(group) >= header || !group_has_superblock(group);
}

Result<Ext2Volume::InodePlace> Ext2Volume::find_inode(u32 ino) {
    u32 group = (ino - 1) / inodes_per_group_;
    u64 offset = u64{(ino - 1) % inodes_per_group_} * inode_size_;
    u64 block = descriptor(group).bg_inode_table + offset / block_size_;
    InodePlace place;
    place.block = TRY(cache_->read(block));
    place.inode = place.block->at<Ext2DiskInode>(offset % block_size_);
    return place;
}
