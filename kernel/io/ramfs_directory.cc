// Directories of the file system in memory. See ramfs_inode.h.
// All functions are called with the directory's lock held, and with the locks that inode.h and
// file_system.h name for each.
#include "abi/dirent.h"
#include "cpu/rtc.h"
#include "io/ramfs_inode.h"

RamfsInode::Entry* RamfsInode::find(StringView name) {
    for (Entry& entry : entries_)
        if (entry.name() == name) return &entry;
    return nullptr;
}

Result<Owned<RamfsInode::Entry>> RamfsInode::new_entry(StringView name, RamfsInode& inode) {
    Owned<Entry> entry = TRY(make<Entry>());
    entry->inode = &inode;
    entry->length = static_cast<u8>(name.size());
    memcpy(entry->text, name.data(), name.size());
    return entry;
}

void RamfsInode::add(Owned<Entry> entry) {
    entry->position = next_position_++;
    entries_.push_back(*entry.release());
    touch();
}

void RamfsInode::remove(Entry& entry) {
    entries_.remove(entry);
    delete &entry;
    touch();
}

void RamfsInode::touch() {
    i64 now = wall_clock_now();
    mtime.store(now);
    ctime.store(now);
}

Result<Ref<Inode>> RamfsInode::lookup(StringView name) {
    if (!is_directory()) return Errno{ENOTDIR};
    if (name == "..") return Ref<Inode>(*parent_);
    Entry* entry = find(name);
    if (entry == nullptr) return Errno{ENOENT};
    return Ref<Inode>(*entry->inode);
}

Result<Ref<Inode>> RamfsInode::create_entry(StringView name, const NewInode& attributes) {
    Ref<RamfsInode> inode = TRY(ramfs_.new_inode(attributes));
    Owned<Entry> entry = TRY(new_entry(name, *inode));
    inode->nlink.store(1);
    add(move(entry));
    return Ref<Inode>(inode);
}

Result<Ref<Inode>> RamfsInode::create(StringView name, const NewInode& attributes) {
    return create_entry(name, attributes);
}

Result<Ref<Inode>> RamfsInode::mkdir(StringView name, const NewInode& attributes) {
    Ref<Inode> made = TRY(create_entry(name, attributes));
    static_cast<RamfsInode&>(*made).parent_ = this;
    made->nlink.store(2);  // its name and its "."
    nlink.fetch_add(1);    // its ".."
    return made;
}

Result<Ref<Inode>> RamfsInode::symlink(StringView name, StringView target,
                                       const NewInode& attributes) {
    char* text = static_cast<char*>(heap_allocate(target.size()));
    if (text == nullptr) return Errno{ENOMEM};
    Result<Ref<Inode>> made = create_entry(name, attributes);
    if (!made.ok()) {
        heap_free(text);
        return made;
    }
    memcpy(text, target.data(), target.size());
    static_cast<RamfsInode&>(**made).target_ = text;
    made->get()->size.store(target.size());
    return made;
}

Result<void> RamfsInode::link(StringView name, Inode& target) {
    add(TRY(new_entry(name, static_cast<RamfsInode&>(target))));
    target.nlink.fetch_add(1);
    target.ctime.store(mtime.load());
    return {};
}

Result<void> RamfsInode::unlink(StringView name, Inode& victim) {
    Entry* entry = find(name);
    if (entry == nullptr) return Errno{ENOENT};
    remove(*entry);
    victim.nlink.fetch_sub(1);
    victim.ctime.store(mtime.load());
    return {};
}

Result<void> RamfsInode::rmdir(StringView name, Inode& victim) {
    Entry* entry = find(name);
    if (entry == nullptr) return Errno{ENOENT};
    if (!static_cast<RamfsInode&>(victim).entries_.empty()) return Errno{ENOTEMPTY};
    remove(*entry);
    static_cast<RamfsInode&>(victim).move_links(*this, nullptr);
    return {};
}

Result<void> RamfsInode::list(u64 from, DirectoryVisitor& visitor) {
    if (!is_directory()) return Errno{ENOTDIR};
    if (from <= 0 && !visitor.entry(".", ino, DT_DIR, 1)) return {};
    if (from <= 1 && !visitor.entry("..", parent_->ino, DT_DIR, 2)) return {};
    for (Entry& entry : entries_) {
        if (entry.position >= from &&
            !visitor.entry(entry.name(), entry.inode->ino, directory_type(entry.inode->mode.load()),
                           entry.position + 1)) {
            break;
        }
    }
    return {};
}

Result<void> Ramfs::rename(const Rename& rename) {
    auto& old_directory = static_cast<RamfsInode&>(rename.old_directory);
    auto& new_directory = static_cast<RamfsInode&>(rename.new_directory);
    auto& moved = static_cast<RamfsInode&>(rename.moved);
    auto* replaced = static_cast<RamfsInode*>(rename.replaced);
    RamfsInode::Entry* old_entry = old_directory.find(rename.old_name);
    RamfsInode::Entry* new_entry = new_directory.find(rename.new_name);
    if (old_entry == nullptr || (replaced != nullptr && new_entry == nullptr)) return Errno{ENOENT};
    if (replaced != nullptr && !rename.exchange && !replaced->entries_.empty()) {
        return Errno{ENOTEMPTY};
    }
    if (replaced == nullptr) {
        new_directory.add(TRY(RamfsInode::new_entry(rename.new_name, moved)));
    } else {
        new_entry->inode = &moved;
    }
    // From here on nothing fails.
    if (rename.exchange) {
        old_entry->inode = replaced;
    } else {
        old_directory.remove(*old_entry);
    }
    moved.move_links(old_directory, &new_directory);
    if (replaced != nullptr) {
        replaced->move_links(new_directory, rename.exchange ? &old_directory : nullptr);
    }
    old_directory.touch();
    new_directory.touch();
    return {};
}

// Its name has gone from one directory to another, or (null) is gone. A directory counts the ".." of
// those below it.
void RamfsInode::move_links(RamfsInode& from, RamfsInode* to) {
    ctime.store(static_cast<i64>(wall_clock_now()));
    if (is_directory()) from.nlink.fetch_sub(1);
    if (to == nullptr) {
        nlink.store(is_directory() ? 0 : nlink.load() - 1);
    } else if (is_directory()) {
        to->nlink.fetch_add(1);
        parent_ = to;
    }
}
