// An inode between memory and disk: loading with every field checked, storing, and the end.
// The inode on the disk is changed in place, in its block of the inode table, which stays in memory
// as long as the inode does. The numbers of its blocks are the BlockMap's.
#include "cpu/rtc.h"
#include "cpu/time.h"
#include "fs/ext2/ext2.h"
#include "thread/wait.h"

namespace {

constexpr i64 kNanoseconds = 1'000'000'000;

// Seconds since 1970, nanoseconds and two more bits of seconds, as the two fields hold them.
i64 decode_time(u32 seconds, u32 extra) {
    i64 whole = static_cast<i32>(seconds) + (static_cast<i64>(extra & 3) << 32);
    return whole * kNanoseconds + min(extra >> 2, static_cast<u32>(kNanoseconds - 1));
}

void encode_time(i64 time, u32& seconds, u32* extra) {
    i64 whole = time / kNanoseconds;
    i64 rest = time % kNanoseconds;
    if (rest < 0) {
        whole--;
        rest += kNanoseconds;
    }
    seconds = static_cast<u32>(whole);
    if (extra != nullptr) {
        i64 beyond = (whole - static_cast<i32>(seconds)) >> 32;
        *extra = static_cast<u32>(rest) << 2 | static_cast<u32>(beyond & 3);
    }
}

// Where nobody can be told that there is no memory: tries for a while to go on.
template <typename Action> Result<void> without_memory_again(Action action) {
    Result<void> done = action();
    for (int turn = 0; turn < 100 && !done.ok() && done.error().number == ENOMEM; turn++) {
        static_cast<void>(sleep_until(time_now() + 10 * kMillisecond));
        done = action();
    }
    return done;
}

}  // namespace

Ext2Inode::Ext2Inode(Ext2& fs, u32 ino, u32 mode, Ext2Volume::InodePlace place)
    : Inode(fs, ino, mode), home_(move(place.block)), disk_(*place.inode),
      map_(fs.volume(), ino, disk_, *home_) {}

// The fields behind the first 128 bytes, if the inode has those up to `end`; else null.
Ext2ExtraInode* Ext2Inode::extra_part(usize end) const {
    usize room = volume().inode_size() - sizeof(Ext2DiskInode);
    auto* extra = reinterpret_cast<Ext2ExtraInode*>(&disk_ + 1);
    bool there = room >= end && extra->i_extra_isize >= end && extra->i_extra_isize <= room;
    return there ? extra : nullptr;
}

u64 Ext2Inode::largest_size() const {
    // i_blocks counts sectors in 32 bits, indirect blocks included: a quarter stays for those.
    constexpr u64 kMostSectors = u64{3} << 30;
    u64 by_map = BlockMap::capacity(volume().block_size()) * volume().block_size();
    return min(by_map, kMostSectors * kSectorSize);
}

Result<void> Ext2Inode::load() {
    u32 number = static_cast<u32>(ino);
    if (disk_.i_links_count == 0 || file_type(disk_.i_mode) == 0) {
        return volume().damaged("inode %u is in a directory, but not in use", number);
    }
    nlink.store(disk_.i_links_count);
    uid.store(disk_.i_uid | static_cast<u32>(disk_.i_uid_high) << 16);
    gid.store(disk_.i_gid | static_cast<u32>(disk_.i_gid_high) << 16);
    blocks.store(disk_.i_blocks);
    load_times();
    if (S_ISCHR(disk_.i_mode) || S_ISBLK(disk_.i_mode)) {
        u32 old = disk_.i_block[0];
        u32 packed = disk_.i_block[1];
        device = old != 0
                     ? ABI_MAKEDEV(old >> 8 & 0xff, old & 0xff)
                     : ABI_MAKEDEV(packed >> 8 & 0xfff, (packed & 0xff) | (packed >> 12 & ~0xffu));
    }
    return load_size();
}

Result<void> Ext2Inode::load_size() {
    u64 length = disk_.i_size;
    bool fits = true;
    if (is_regular()) {
        length |= static_cast<u64>(disk_.i_size_high) << 32;
        fits = length <= largest_size();
    } else if (is_directory()) {
        fits = length != 0 && length % volume().block_size() == 0;
    } else if (is_symlink()) {
        fits = length < (has_block_map() ? volume().block_size() : kShortSymlink);
    }
    if (!fits) return volume().damaged("inode %u: size %lu", static_cast<u32>(ino), length);
    size.store(length);
    return {};
}

void Ext2Inode::load_times() {
    const Ext2ExtraInode* extra = extra_part(__builtin_offsetof(Ext2ExtraInode, i_crtime));
    atime.store(decode_time(disk_.i_atime, extra != nullptr ? extra->i_atime_extra : 0));
    ctime.store(decode_time(disk_.i_ctime, extra != nullptr ? extra->i_ctime_extra : 0));
    mtime.store(decode_time(disk_.i_mtime, extra != nullptr ? extra->i_mtime_extra : 0));
}

void Ext2Inode::store_times() {
    Ext2ExtraInode* extra = extra_part(__builtin_offsetof(Ext2ExtraInode, i_crtime));
    encode_time(atime.load_relaxed(), disk_.i_atime, extra ? &extra->i_atime_extra : nullptr);
    encode_time(ctime.load_relaxed(), disk_.i_ctime, extra ? &extra->i_ctime_extra : nullptr);
    encode_time(mtime.load_relaxed(), disk_.i_mtime, extra ? &extra->i_mtime_extra : nullptr);
}

Result<void> Ext2Inode::write_attributes() {
    disk_.i_mode = static_cast<u16>(mode.load_relaxed());
    disk_.i_links_count = static_cast<u16>(nlink.load_relaxed());
    disk_.i_uid = static_cast<u16>(uid.load_relaxed());
    disk_.i_uid_high = static_cast<u16>(uid.load_relaxed() >> 16);
    disk_.i_gid = static_cast<u16>(gid.load_relaxed());
    disk_.i_gid_high = static_cast<u16>(gid.load_relaxed() >> 16);
    u64 length = size.load_relaxed();
    disk_.i_size = static_cast<u32>(length);
    if (is_regular()) {
        disk_.i_size_high = static_cast<u32>(length >> 32);
        if (length >> 31 != 0) [[unlikely]]
            volume().need_large_files();
    }
    store_times();
    volume().mark_dirty(*home_);
    return {};
}

void Ext2Inode::touch_contents() {
    i64 now = static_cast<i64>(wall_clock_now());
    mtime.store(now);
    ctime.store(now);
    (void) write_attributes();  // cannot fail
}

void Ext2Inode::touch_links() {
    ctime.store(static_cast<i64>(wall_clock_now()));
    (void) write_attributes();  // cannot fail
}

void Ext2Inode::initialise(const NewInode& attributes) {
    usize whole = volume().inode_size();
    memset(&disk_, 0, whole);
    disk_.i_generation = volume().next_generation();
    usize room = whole - sizeof(Ext2DiskInode);
    if (room >= sizeof(Ext2ExtraInode)) {
        auto* extra = reinterpret_cast<Ext2ExtraInode*>(&disk_ + 1);
        extra->i_extra_isize = sizeof(Ext2ExtraInode);
        encode_time(ctime.load_relaxed(), extra->i_crtime, &extra->i_crtime_extra);
    }
    uid.store(attributes.uid);
    gid.store(attributes.gid);
    if (S_ISCHR(attributes.mode) || S_ISBLK(attributes.mode)) {
        device = attributes.device;
        store_device();
    }
    (void) write_attributes();  // cannot fail
}

// Small numbers in the old form, 8 bits each; others in the second word, as Linux does.
void Ext2Inode::store_device() {
    u32 major = ABI_MAJOR(device);
    u32 minor = ABI_MINOR(device);
    if (major < 256 && minor < 256) {
        disk_.i_block[0] = major << 8 | minor;
    } else {
        disk_.i_block[1] = (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffu) << 12;
    }
}

// i_block holds block numbers in files, directories and long symbolic links.
bool Ext2Inode::has_block_map() const {
    if (is_symlink()) {
        u32 attributes = disk_.i_file_acl != 0 ? static_cast<u32>(volume().sectors_per_block()) : 0;
        return disk_.i_blocks != attributes;
    }
    return is_regular() || is_directory();
}

// Extended attributes that do not fit into the inode have a block, which inodes may share.
void Ext2Inode::free_attribute_block() {
    u32 block = exchange(disk_.i_file_acl, 0u);
    if (block == 0 || !volume().valid_block(block)) return;
    Result<Ref<Block>> contents = volume().cache().read(block);
    auto* header = contents.ok() ? (*contents)->at<Ext2AttributeBlock>(0) : nullptr;
    if (header == nullptr || header->h_magic != EXT2_XATTR_MAGIC) {
        (void) volume().damaged("inode %u: attribute block %u", static_cast<u32>(ino), block);
    } else if (header->h_refcount > 1) {
        header->h_refcount--;
        volume().mark_dirty(**contents);
    } else {
        volume().cache().forget(block);
        (void) volume().free_block(block);
    }
}

// What cannot be freed, because the disk is damaged or fails, stays lost until e2fsck: the log says
// so, and nobody is left to be told.
void Ext2Inode::free() {
    if (has_block_map()) {
        auto contents =
            is_regular() ? BlockMap::Contents::kInPageCache : BlockMap::Contents::kInBlockCache;
        (void) without_memory_again([&] { return map_.truncate(0, contents); });
    }
    free_attribute_block();
    size.store(0);
    (void) write_attributes();  // cannot fail
    disk_.i_blocks = 0;
    disk_.i_dtime = max(static_cast<u32>(wall_clock_now() / kNanoseconds), 1u);
    volume().mark_dirty(*home_);
    InodeKind kind = is_directory() ? InodeKind::kDirectory : InodeKind::kOther;
    u32 number = static_cast<u32>(ino);
    (void) without_memory_again([&] { return volume().free_inode(number, kind); });
}
