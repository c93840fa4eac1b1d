// Renaming: a name moves, perhaps over another one, perhaps to another directory. What can fail
// comes first, the entry under the new name; after that the old one is only taken out of a block
// that is in memory already.
#include "fs/ext2/ext2.h"

// This directory's ".." names its new parent from here on.
void Ext2Inode::move_to(Ext2Inode& parent, const Ext2Slot& dot_dot) {
    replace_entry(dot_dot, parent);
    parent_number_.store(static_cast<u32>(parent.ino));
}

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
    // Only where one of the two is a directory does a parent get one child more.
    int children_for_to = int{first.is_directory()} - int{second.is_directory()};
    Ext2Inode& gains = children_for_to > 0 ? to : from;
    if (apart && children_for_to != 0 && gains.nlink.load() >= EXT2_LINK_MAX) return Errno{EMLINK};
    Ext2Slot first_slot = TRY(from.find_victim(rename.old_name, first));
    Ext2Slot second_slot = TRY(to.find_victim(rename.new_name, second));
    bool first_moves = apart && first.is_directory();
    bool second_moves = apart && second.is_directory();
    Ext2Slot first_parent = first_moves ? TRY(first.find_entry("..")) : Ext2Slot{};
    Ext2Slot second_parent = second_moves ? TRY(second.find_entry("..")) : Ext2Slot{};

    from.replace_entry(first_slot, second);
    to.replace_entry(second_slot, first);
    if (first_moves) {
        first.move_to(to, first_parent);
        from.drop_child();
        to.nlink.fetch_add(1);
    }
    if (second_moves) {
        second.move_to(from, second_parent);
        to.drop_child();
        from.nlink.fetch_add(1);
    }
    from.touch_contents();
    to.touch_contents();
    first.touch_links();
    second.touch_links();
    return {};
}
