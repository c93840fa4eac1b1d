// Making and removing names: the calls that change a directory and the links of an inode.
// The directory's lock is held, and that of an inode that has been there before. A new inode is in
// no directory and has no links until all else has succeeded; dropped before that, it is free again.
#include "cpu/rtc.h"
#include "fs/ext2/ext2.h"
#include "fs/name_cache.h"

Result<Ref<Inode>> Ext2Inode::lookup(StringView name) {
    if (!is_directory()) return Errno{ENOTDIR};
    if (name == "..") return lookup_parent();
    u32 number = TRY(find_number(name));
    Ref<Ext2Inode> found = TRY(ext2().inode(number));
    // A directory has one name. A second one, in a damaged file system, would make locks wait for
    // each other in a circle.
    if (found->is_directory() && !found->is_in(*this)) {
        return volume().damaged("directory %lu is also in directory %lu", found->ino, ino);
    }
    return Ref<Inode>(move(found));
}

Result<Ref<Inode>> Ext2Inode::lookup_parent() {
    // Once a directory is removed, its parent may be too, and another have that one's number.
    if (nlink.load() == 0) return Errno{ENOENT};
    u32 number = TRY(parent_number());
    Ref<Ext2Inode> parent = TRY(ext2().inode(number));
    if (!parent->is_directory()) {
        return volume().damaged("directory %lu: .. is inode %u", ino, number);
    }
    return Ref<Inode>(move(parent));
}

// The inode that the name leads to, from the name cache or from the directory.
Result<u32> Ext2Inode::find_number(StringView name) {
    u64 known = 0;
    if (find_name(*this, name, known)) {
        return known == 0 ? Result<u32>(Errno{ENOENT}) : static_cast<u32>(known);
    }
    Result<Ext2Slot> slot = find_entry(name);
    if (!slot.ok() && slot.error().number != ENOENT) return slot.error();
    u32 number = slot.ok() ? slot->entry().inode : 0;
    remember_name(*this, name, number);
    return number == 0 ? Result<u32>(Errno{ENOENT}) : number;
}

// Whether the parent is this one; where it is not known yet, it is from here on.
bool Ext2Inode::is_in(const Ext2Inode& directory) {
    u32 parent = static_cast<u32>(directory.ino);
    u32 known = 0;
    return ino != parent && (parent_number_.compare_exchange(known, parent) || known == parent);
}

// The last step of making a name: the entry, and the first link of the inode.
Result<void> Ext2Inode::insert_link(StringView name, Ext2Inode& target) {
    TRY(add_entry(name, target));
    target.nlink.fetch_add(1);
    target.touch_links();
    touch_contents();
    return {};
}

Result<Ref<Inode>> Ext2Inode::create(StringView name, const NewInode& attributes) {
    Ref<Ext2Inode> made = TRY(ext2().new_inode(*this, attributes));
    TRY(insert_link(name, *made));
    return Ref<Inode>(move(made));
}

Result<Ref<Inode>> Ext2Inode::symlink(StringView name, StringView target,
                                      const NewInode& attributes) {
    Ref<Ext2Inode> made = TRY(ext2().new_inode(*this, attributes));
    TRY(made->store_target(target));
    TRY(insert_link(name, *made));
    return Ref<Inode>(move(made));
}

Result<Ref<Inode>> Ext2Inode::mkdir(StringView name, const NewInode& attributes) {
    if (nlink.load() >= EXT2_LINK_MAX) return Errno{EMLINK};
    Ref<Ext2Inode> made = TRY(ext2().new_inode(*this, attributes));
    // BEGIN SOLUTION(ext2.mkdir)
    TRY(made->write_first_entries(*this));
    TRY(add_entry(name, *made));
    made->nlink.store(2);             // its name, and its own "."
    (void) made->write_attributes();  // cannot fail
    nlink.fetch_add(1);               // its ".."
    touch_contents();
    return Ref<Inode>(move(made));
    // END SOLUTION
    // STUB: panic("ext2.mkdir: yours to write (%zu, inode %lu)", name.size(), made->ino);
}

Result<void> Ext2Inode::link(StringView name, Inode& target) {
    // BEGIN SOLUTION(ext2.link)
    if (target.nlink.load() == 0) return Errno{ENOENT};
    if (target.nlink.load() >= EXT2_LINK_MAX) return Errno{EMLINK};
    return insert_link(name, ext2_inode(target));
    // END SOLUTION
    // STUB: panic("ext2.link: yours to write (%zu, inode %lu)", name.size(), target.ino);
}

// The entry `name`, which must be that of `victim`.
Result<Ext2Slot> Ext2Inode::find_victim(StringView name, const Inode& victim) {
    Ext2Slot slot = TRY(find_entry(name));
    if (slot.entry().inode != victim.ino || victim.nlink.load() == 0) {
        return volume().damaged("inode %lu has fewer links than names", victim.ino);
    }
    return slot;
}

Result<void> Ext2Inode::unlink(StringView name, Inode& victim) {
    // BEGIN SOLUTION(ext2.unlink)
    Ext2Slot slot = TRY(find_victim(name, victim));
    TRY(remove_entry(slot));
    touch_contents();
    victim.nlink.fetch_sub(1);
    ext2_inode(victim).touch_links();
    return {};
    // END SOLUTION
    // STUB: panic("ext2.unlink: yours to write (%zu, inode %lu)", name.size(), victim.ino);
}

Result<void> Ext2Inode::rmdir(StringView name, Inode& victim) {
    TRY(ext2_inode(victim).check_empty());
    // BEGIN SOLUTION(ext2.rmdir)
    Ext2Slot slot = TRY(find_victim(name, victim));
    TRY(remove_entry(slot));
    drop_child();
    touch_contents();
    victim.nlink.store(0);
    ext2_inode(victim).touch_links();
    return {};
    // END SOLUTION
    // STUB: panic("ext2.rmdir: yours to write (%zu, inode %lu)", name.size(), victim.ino);
}

// Renaming: a name moves, perhaps over another one, perhaps to another directory. What can fail comes
// first, the entry under the new name; after that the old one is only taken out of a block that is in
// memory already.
Result<void> Ext2::rename(const Rename& rename) {
    if (rename.exchange) return exchange(rename);
    Ext2Inode& from = ext2_inode(rename.old_directory);
    Ext2Inode& to = ext2_inode(rename.new_directory);
    Ext2Inode& moved = ext2_inode(rename.moved);
    Inode* replaced = rename.replaced;
    bool new_parent = moved.is_directory() && &from != &to;
    if (new_parent && replaced == nullptr && to.nlink.load() >= EXT2_LINK_MAX) return Errno{EMLINK};
    if (replaced != nullptr && replaced->is_directory()) TRY(ext2_inode(*replaced).check_empty());
    // BEGIN SOLUTION(ext2.rename)
    Ext2Slot old_slot = TRY(from.find_victim(rename.old_name, moved));
    Ext2Slot dot_dot = new_parent ? TRY(moved.find_entry("..")) : Ext2Slot{};
    if (replaced != nullptr) {
        Ext2Slot new_slot = TRY(to.find_victim(rename.new_name, *replaced));
        to.replace_entry(new_slot, moved);
    } else {
        TRY(to.add_entry(rename.new_name, moved));
    }
    TRY(from.remove_entry(old_slot));
    if (replaced != nullptr && replaced->is_directory()) {
        replaced->nlink.store(0);
        to.drop_child();
    } else if (replaced != nullptr) {
        replaced->nlink.fetch_sub(1);
    }
    if (new_parent) {
        moved.move_to(to, dot_dot);
        from.drop_child();
        to.nlink.fetch_add(1);
    }
    // END SOLUTION
    // STUB: panic("ext2.rename: yours to write (inode %lu over %p)", moved.ino, replaced);
    if (replaced != nullptr) ext2_inode(*replaced).touch_links();
    from.touch_contents();
    to.touch_contents();
    moved.touch_links();
    return {};
}

// Two names change places: each entry is made to name the other's inode.
Result<void> Ext2::exchange(const Rename& rename) {
    Ext2Inode& from = ext2_inode(rename.old_directory);
    Ext2Inode& to = ext2_inode(rename.new_directory);
    Ext2Inode& first = ext2_inode(rename.moved);
    Ext2Inode& second = ext2_inode(*rename.replaced);
    bool apart = &from != &to;
    // Who gets a directory for a file has one child more.
    bool full = from.nlink.load() >= EXT2_LINK_MAX || to.nlink.load() >= EXT2_LINK_MAX;
    if (apart && full) return Errno{EMLINK};
    Ext2Slot first_slot = TRY(from.find_victim(rename.old_name, first));
    Ext2Slot second_slot = TRY(to.find_victim(rename.new_name, second));
    bool first_moves = apart && first.is_directory();
    bool second_moves = apart && second.is_directory();
    Ext2Slot first_parent = first_moves ? TRY(first.find_entry("..")) : Ext2Slot{};
    Ext2Slot second_parent = second_moves ? TRY(second.find_entry("..")) : Ext2Slot{};

    from.replace_entry(first_slot, second);
    to.replace_entry(second_slot, first);
    auto move_child = [](Ext2Inode& child, const Ext2Slot& dot_dot, Ext2Inode& old_parent,
                         Ext2Inode& parent) {
        child.move_to(parent, dot_dot);
        old_parent.drop_child();
        parent.nlink.fetch_add(1);
    };
    if (first_moves) move_child(first, first_parent, from, to);
    if (second_moves) move_child(second, second_parent, to, from);
    from.touch_contents();
    to.touch_contents();
    first.touch_links();
    second.touch_links();
    return {};
}
