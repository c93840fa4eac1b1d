// What an ext2 disk holds, byte for byte: superblock, group descriptors, inodes, directory entries.
// All numbers are little-endian, as RISC-V is, so the structures are used in place.
// Reference: "The Second Extended File System: Internal Layout" (Dave Poirier); e2fsprogs' dumpe2fs
// and debugfs show the same fields. Names of fields and flags are those of that document.
#pragma once
#include "abi/dirent.h"
#include "base/types.h"

inline constexpr u64 kSuperblockOffset = 1024;  // bytes from the start of the disk
inline constexpr usize kSuperblockSize = 1024;

struct Ext2Superblock {
    u32 s_inodes_count, s_blocks_count, s_r_blocks_count, s_free_blocks_count, s_free_inodes_count;
    u32 s_first_data_block;  // 1 with 1 KiB blocks, else 0
    u32 s_log_block_size;    // block size is 1024 << this
    u32 s_log_frag_size, s_blocks_per_group, s_frags_per_group, s_inodes_per_group, s_mtime;
    u32 s_wtime;
    u16 s_mnt_count, s_max_mnt_count, s_magic, s_state, s_errors, s_minor_rev_level;
    u32 s_lastcheck, s_checkinterval, s_creator_os, s_rev_level;
    u16 s_def_resuid, s_def_resgid;
    // From revision 1 on.
    u32 s_first_ino;
    u16 s_inode_size, s_block_group_nr;
    u32 s_feature_compat, s_feature_incompat, s_feature_ro_compat;
    u8 s_uuid[16];
    char s_volume_name[16], s_last_mounted[64];
    u32 s_algo_bitmap;
    u8 s_prealloc_blocks, s_prealloc_dir_blocks;
    u16 s_reserved_gdt_blocks;
    u8 s_journal_fields[48];
    u32 s_default_mount_options, s_first_meta_bg;
    u8 s_reserved[kSuperblockSize - 264];
};
static_assert(sizeof(Ext2Superblock) == kSuperblockSize);
static_assert(__builtin_offsetof(Ext2Superblock, s_magic) == 56);
static_assert(__builtin_offsetof(Ext2Superblock, s_feature_compat) == 92);

inline constexpr u16 EXT2_SUPER_MAGIC_DISK = 0xef53;
inline constexpr u16 EXT2_VALID_FS = 1;  // s_state: unmounted in order
inline constexpr u16 EXT2_ERROR_FS = 2;  // s_state: damage has been seen
inline constexpr u32 EXT2_GOOD_OLD_REV = 0;
inline constexpr u32 EXT2_DYNAMIC_REV = 1;

inline constexpr u32 EXT2_FEATURE_INCOMPAT_FILETYPE = 0x2;
inline constexpr u32 EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER = 0x1;
inline constexpr u32 EXT2_FEATURE_RO_COMPAT_LARGE_FILE = 0x2;

inline constexpr u32 EXT2_BAD_INO = 1;
inline constexpr u32 EXT2_ROOT_INO = 2;
inline constexpr u32 EXT2_GOOD_OLD_FIRST_INO = 11;
inline constexpr usize EXT2_GOOD_OLD_INODE_SIZE = 128;

struct Ext2Group {
    u32 bg_block_bitmap, bg_inode_bitmap, bg_inode_table;
    u16 bg_free_blocks_count, bg_free_inodes_count, bg_used_dirs_count, bg_pad;
    u32 bg_reserved[3];
};
static_assert(sizeof(Ext2Group) == 32);

inline constexpr usize EXT2_NDIR_BLOCKS = 12;
inline constexpr usize EXT2_IND_BLOCK = 12;
inline constexpr usize EXT2_DIND_BLOCK = 13;
inline constexpr usize EXT2_TIND_BLOCK = 14;
inline constexpr usize EXT2_N_BLOCKS = 15;

struct Ext2DiskInode {
    u16 i_mode, i_uid;
    u32 i_size, i_atime, i_ctime, i_mtime, i_dtime;
    u16 i_gid, i_links_count;
    u32 i_blocks;  // of 512 bytes, indirect blocks and attribute block included
    u32 i_flags, i_osd1;
    u32 i_block[EXT2_N_BLOCKS];  // or the text of a short symbolic link, or a device number
    u32 i_generation;
    u32 i_file_acl;   // block with extended attributes
    u32 i_size_high;  // regular files; i_dir_acl of others
    u32 i_faddr;
    u8 i_frag, i_fsize;
    u16 i_pad1, i_uid_high, i_gid_high;
    u32 i_reserved2;
};
static_assert(sizeof(Ext2DiskInode) == EXT2_GOOD_OLD_INODE_SIZE);
static_assert(__builtin_offsetof(Ext2DiskInode, i_block) == 40);

// Follows in inodes of 256 bytes, as far as i_extra_isize says. Each *_extra holds nanoseconds in
// its upper 30 bits and two more bits of the seconds in its lower ones.
struct Ext2ExtraInode {
    u16 i_extra_isize;  // bytes in use from here on
    u16 i_checksum_hi;
    u32 i_ctime_extra, i_mtime_extra, i_atime_extra, i_crtime, i_crtime_extra, i_version_hi;
    u32 i_projid;
};
static_assert(sizeof(Ext2ExtraInode) == 32);

inline constexpr u32 EXT2_INDEX_FL = 0x1000;  // i_flags: a directory with a hashed index

struct Ext2DirEntry {
    u32 inode;  // 0: an empty slot
    u16 rec_len;
    u8 name_len;
    u8 file_type;  // with the filetype feature
    char name[];
};
static_assert(sizeof(Ext2DirEntry) == 8);

// By file_type: what getdents64 calls it, which is also the upper four bits of i_mode.
inline constexpr u8 kFileTypes[] = {DT_UNKNOWN, DT_REG,  DT_DIR,  DT_CHR,
                                    DT_BLK,     DT_FIFO, DT_SOCK, DT_LNK};
// The file_type of a mode; 0 for none of them.
constexpr u8 file_type(u32 mode) {
    u8 type = array_size(kFileTypes);
    while (--type != 0 && kFileTypes[type] != mode >> 12) {
    }
    return type;
}

inline constexpr u32 EXT2_LINK_MAX = 32000;
inline constexpr usize kShortSymlink = sizeof(u32) * EXT2_N_BLOCKS;  // with a closing NUL

// The start of a block with extended attributes.
struct Ext2AttributeBlock {
    u32 h_magic, h_refcount;
};
inline constexpr u32 EXT2_XATTR_MAGIC = 0xea020000;
