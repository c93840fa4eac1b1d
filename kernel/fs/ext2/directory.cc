// The entries of a directory. A block of a directory is a row of entries, each with its own length
// in bytes; an entry that is taken away leaves its bytes to the one before it, or, where it is the
// first, stays with inode number 0. Every length is checked before it is followed.
// All of this runs with the directory's lock held.
#include "fs/ext2/ext2.h"
#include "fs/name_cache.h"

namespace {

constexpr u32 kHeader = sizeof(Ext2DirEntry);

// What an entry with so long a name needs.
constexpr u32 entry_size(usize name) { return static_cast<u32>(align_up(kHeader + name, 4)); }

// The length of the entry at `offset`, or 0 where it cannot be right.
u32 entry_length(const Block& block, u32 offset) {
    u32 room = static_cast<u32>(block.size()) - offset;
    if (room < entry_size(1)) return 0;
    const Ext2DirEntry& entry = *block.at<Ext2DirEntry>(offset);
    u32 length = entry.rec_len;
    bool sound = length >= entry_size(1) && length % 4 == 0 && length <= room &&
                 kHeader + entry.name_len <= length && (entry.inode == 0 || entry.name_len > 0);
    return sound ? length : 0;
}

bool has_name(const Ext2DirEntry& entry, StringView name) {
    return entry.inode != 0 && entry.name_len == name.size() &&
           memcmp(entry.name, name.data(), name.size()) == 0;
}

}  // namespace

Result<Ref<Block>> Ext2Inode::directory_block(u32 index) {
    u32 block = TRY(map_.find(index));
    if (block == 0) return volume().damaged("directory %lu: no block %u", ino, index);
    return volume().cache().read(block);
}

// Makes the directory one block longer; what is in it is up to the caller.
Result<Ref<Block>> Ext2Inode::new_directory_block(u32 index) {
    u32 number = TRY(map_.find_or_allocate(index));
    Result<Ref<Block>> block = volume().cache().get_zeroed(number);
    if (!block.ok()) {
        (void) map_.truncate(index, BlockMap::Contents::kInBlockCache);
        return block.error();
    }
    size.store((u64{index} + 1) * volume().block_size());
    blocks.store(disk_.i_blocks);
    return block;
}

void Ext2Inode::write_entry(Block& block, u32 offset, u32 length, StringView name,
                            const Inode& target) {
    Ext2DirEntry& entry = *block.at<Ext2DirEntry>(offset);
    entry.inode = static_cast<u32>(target.ino);
    entry.rec_len = static_cast<u16>(length);
    entry.name_len = static_cast<u8>(name.size());
    entry.file_type = volume().has_file_types() ? file_type(target.mode.load_relaxed()) : 0;
    memmove(entry.name, name.data(), name.size());
    volume().mark_dirty(block);
}

Result<Ext2Slot> Ext2Inode::find_entry(StringView name) {
    // BEGIN SOLUTION(ext2.dir_lookup)
    u32 block_size = static_cast<u32>(volume().block_size());
    u32 count = static_cast<u32>(size.load_relaxed() / block_size);
    // From where a name was found last: programs that remove all names go through them in order.
    for (u32 i = 0; i < count; i++) {
        u32 index = (find_hint_ + i) % count;
        Ref<Block> block = TRY(directory_block(index));
        for (u32 offset = 0; offset < block_size;) {
            u32 length = entry_length(*block, offset);
            if (length == 0) {
                return volume().damaged("directory %lu: entry at %u of block %u", ino, offset,
                                        index);
            }
            if (has_name(*block->at<Ext2DirEntry>(offset), name)) {
                find_hint_ = index;
                return Ext2Slot{move(block), offset, index};
            }
            offset += length;
        }
    }
    return Errno{ENOENT};
    // END SOLUTION
    // STUB: static_cast<void>(has_name);
    // STUB: panic("ext2.dir_lookup: yours to write (%zu bytes of name)", name.size());
}

// Puts the entry where there is room in block `index`; false where there is none.
Result<bool> Ext2Inode::add_in_block(u32 index, StringView name, Inode& target) {
    u32 needed = entry_size(name.size());
    Ref<Block> block = TRY(directory_block(index));
    u32 length = 0;
    for (u32 offset = 0; offset < block->size(); offset += length) {
        length = entry_length(*block, offset);
        if (length == 0) {
            return volume().damaged("directory %lu: entry at %u of block %u", ino, offset, index);
        }
        Ext2DirEntry* entry = block->at<Ext2DirEntry>(offset);
        u32 used = entry->inode == 0 ? 0 : entry_size(entry->name_len);
        if (length < used + needed) continue;
        // The new entry takes the bytes that this one has too many.
        if (used != 0) entry->rec_len = static_cast<u16>(used);
        write_entry(*block, offset + used, length - used, name, target);
        return true;
    }
    return false;
}

// Makes the directory one block longer, with the entry in it.
Result<void> Ext2Inode::extend(StringView name, Inode& target) {
    u64 old_size = size.load_relaxed();
    u32 index = static_cast<u32>(old_size / volume().block_size());
    if (old_size > ~u32{0} - volume().block_size()) return Errno{EFBIG};
    Ref<Block> block = TRY(new_directory_block(index));
    write_entry(*block, 0, static_cast<u32>(volume().block_size()), name, target);
    return write_attributes();
}

Result<void> Ext2Inode::add_entry(StringView name, Inode& target) {
    forget_name(*this, name);
    disk_.i_flags &= ~EXT2_INDEX_FL;
    // BEGIN SOLUTION(ext2.dir_add)
    // From where there was room last; a full round before the directory grows.
    u32 count = static_cast<u32>(size.load_relaxed() / volume().block_size());
    for (u32 i = 0; i < count; i++) {
        u32 index = (add_hint_ + i) % count;
        if (TRY(add_in_block(index, name, target))) {
            add_hint_ = index;
            return {};
        }
    }
    TRY(extend(name, target));
    add_hint_ = count;
    return {};
    // END SOLUTION
    // STUB: panic("ext2.dir_add: yours to write (inode %lu, %zu)", target.ino, name.size());
}

Result<void> Ext2Inode::remove_entry(const Ext2Slot& slot) {
    forget_name(*this, {slot.entry().name, slot.entry().name_len});
    disk_.i_flags &= ~EXT2_INDEX_FL;
    // BEGIN SOLUTION(ext2.dir_remove)
    Ext2DirEntry* before = nullptr;
    u32 length = 0;
    for (u32 offset = 0; offset < slot.offset; offset += length) {
        length = entry_length(*slot.block, offset);
        if (length == 0 || offset + length > slot.offset) {
            return volume().damaged("directory %lu: entry at %u", ino, offset);
        }
        before = slot.block->at<Ext2DirEntry>(offset);
    }
    Ext2DirEntry& entry = slot.entry();
    entry.inode = 0;
    if (before != nullptr) before->rec_len = static_cast<u16>(before->rec_len + entry.rec_len);
    volume().mark_dirty(*slot.block);
    add_hint_ = min(add_hint_, slot.index);
    return {};
    // END SOLUTION
    // STUB: panic("ext2.dir_remove: yours to write (at %u)", slot.offset);
}

void Ext2Inode::replace_entry(const Ext2Slot& slot, Inode& target) {
    disk_.i_flags &= ~EXT2_INDEX_FL;
    const Ext2DirEntry& entry = slot.entry();
    StringView name(entry.name, entry.name_len);
    forget_name(*this, name);
    write_entry(*slot.block, slot.offset, entry.rec_len, name, target);
}

Result<void> Ext2Inode::list(u64 from, DirectoryVisitor& visitor) {
    if (!is_directory()) return Errno{ENOTDIR};
    u32 block_size = static_cast<u32>(volume().block_size());
    for (u64 start = align_down(from, block_size); start < size.load_relaxed();
         start += block_size) {
        Ref<Block> block = TRY(directory_block(static_cast<u32>(start / block_size)));
        u32 length = 0;
        // From the block's first entry: what stood at `from` may have become part of another.
        for (u32 offset = 0; offset < block_size; offset += length) {
            length = entry_length(*block, offset);
            if (length == 0) {
                return volume().damaged("directory %lu: entry at %lu", ino, start + offset);
            }
            const Ext2DirEntry& entry = *block->at<Ext2DirEntry>(offset);
            if (entry.inode == 0 || start + offset < from) continue;
            bool typed = volume().has_file_types() && entry.file_type < array_size(kFileTypes);
            u8 type = typed ? kFileTypes[entry.file_type] : static_cast<u8>(DT_UNKNOWN);
            if (!visitor.entry({entry.name, entry.name_len}, entry.inode, type,
                               start + offset + length)) {
                return {};
            }
        }
    }
    return {};
}

Result<void> Ext2Inode::check_empty() {
    struct Finder final : DirectoryVisitor {
        bool found = false;
        bool entry(StringView name, u64, u8, u64) override {
            found = !(name == "." || name == "..");
            return !found;
        }
    } finder;
    TRY(list(0, finder));
    return finder.found ? Result<void>(Errno{ENOTEMPTY}) : Result<void>();
}

// A new directory's only block: "." and "..".
Result<void> Ext2Inode::write_first_entries(Ext2Inode& parent) {
    constexpr u32 kDot = entry_size(1);
    Ref<Block> block = TRY(new_directory_block(0));
    u32 rest = static_cast<u32>(volume().block_size()) - kDot;
    write_entry(*block, 0, kDot, ".", *this);
    write_entry(*block, kDot, rest, "..", parent);
    set_parent(static_cast<u32>(parent.ino));
    return {};
}

Result<u32> Ext2Inode::parent_number() {
    u32 known = parent_number_.load();
    if (known == 0) {
        Ext2Slot slot = TRY(find_entry(".."));
        known = slot.entry().inode;
        parent_number_.store(known);
    }
    return known;
}
