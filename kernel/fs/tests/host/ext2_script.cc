// ext2 on the host: opens an image file, does what a script says through floor io's interface, and
// writes the image back. tests/test_ext2_host.py writes the scripts and judges the images.
// One operation a line; its result is a line "= " and an error number, 0 for success. Names have
// no blanks.
//   mkdir P | create P | unlink P | rmdir P | link OLD NEW | symlink TEXT P | rename A B
//   exchange A B | write P OFFSET COUNT SEED | truncate P SIZE | node P MODE MAJOR MINOR
//   hold P | release | list P | sync | forget | times P NANOSECONDS | statfs
#include "fs/ext2/ext2.h"
#include "fs/tests/host/host.h"
#include "fs/tests/host/memory_disk.h"
#include "io/cached_pages.h"

namespace {

struct Session {
    Ref<FileSystem> fs;
    Ref<Inode> held[16];
    usize held_count = 0;
};

struct Place {
    Ref<Inode> directory;
    StringView name;
};

Result<Ref<Inode>> child_of(Inode& directory, StringView name) {
    MutexGuard guard(directory.lock);
    return directory.lookup(name);
}

Result<Place> find_parent(Session& session, StringView path) {
    Place place{session.fs->root(), {}};
    for (path = path.sub(1);;) {
        usize slash = path.find('/');
        place.name = path.first(slash);
        if (slash == StringView::kNone) {
            return place;
        }
        place.directory = TRY(child_of(*place.directory, place.name));
        path = path.sub(slash + 1);
    }
}

Result<Ref<Inode>> find(Session& session, StringView path) {
    Place place = TRY(find_parent(session, path));
    return place.name.empty() ? Result<Ref<Inode>>(place.directory)
                              : child_of(*place.directory, place.name);
}

// A new name: the checks that floor io makes before it calls a file system.
Result<Place> find_free(Session& session, StringView path) {
    Place place = TRY(find_parent(session, path));
    Result<Ref<Inode>> there = child_of(*place.directory, place.name);
    if (there.ok() || !(there.error() == Errno{ENOENT})) {
        return there.ok() ? Errno{EEXIST} : there.error();
    }
    if (place.directory->nlink.load() == 0) {
        return Errno{ENOENT};
    }
    return place;
}

Result<void> make_node(Session& session, const char* path, u32 mode, u64 device) {
    Place place = TRY(find_free(session, path));
    NewInode attributes{mode, 0, 0, device};
    MutexGuard guard(place.directory->lock);
    if (S_ISDIR(mode)) {
        (void) TRY(place.directory->mkdir(place.name, attributes));
    } else {
        (void) TRY(place.directory->create(place.name, attributes));
    }
    return {};
}

Result<void> make_symlink(Session& session, const char* text, const char* path) {
    Place place = TRY(find_free(session, path));
    MutexGuard guard(place.directory->lock);
    (void) TRY(place.directory->symlink(place.name, text, {S_IFLNK | 0777, 0, 0, 0}));
    return {};
}

Result<void> make_link(Session& session, const char* old, const char* path) {
    Ref<Inode> target = TRY(find(session, old));
    Place place = TRY(find_free(session, path));
    if (target->is_directory()) {
        return Errno{EPERM};
    }
    MutexGuard guard(place.directory->lock);
    MutexGuard target_guard(target->lock);
    return place.directory->link(place.name, *target);
}

Result<void> remove(Session& session, const char* path, bool directory) {
    Place place = TRY(find_parent(session, path));
    Ref<Inode> victim = TRY(child_of(*place.directory, place.name));
    if (victim->is_directory() != directory) {
        return Errno{directory ? ENOTDIR : EISDIR};
    }
    MutexGuard guard(place.directory->lock);
    victim->lock.lock_nested();
    Result<void> result = directory ? place.directory->rmdir(place.name, *victim)
                                    : place.directory->unlink(place.name, *victim);
    victim->lock.unlock();
    return result;
}

Result<void> rename(Session& session, const char* old, const char* path, bool exchange) {
    Place from = TRY(find_parent(session, old));
    Ref<Inode> moved = TRY(child_of(*from.directory, from.name));
    Place to = TRY(find_parent(session, path));
    Result<Ref<Inode>> there = child_of(*to.directory, to.name);
    if (!there.ok() && (exchange || !(there.error() == Errno{ENOENT}))) {
        return there.error();
    }
    Inode* replaced = there.ok() ? there->get() : nullptr;
    if (replaced == moved.get()) {
        return {};
    }
    if (replaced != nullptr && !exchange && moved->is_directory() != replaced->is_directory()) {
        return Errno{moved->is_directory() ? ENOTDIR : EISDIR};
    }
    Rename what{*from.directory, from.name, *moved, *to.directory, to.name, replaced, exchange};
    return session.fs->rename(what);
}

u8 pattern(u64 seed, u64 at) { return static_cast<u8>((at * 167 + seed * 13 + (at >> 8)) % 251); }

Result<void> write(Session& session, const char* path, u64 offset, u64 count, u64 seed) {
    Ref<Inode> inode = TRY(find(session, path));
    if (!inode->is_regular()) {
        return Errno{EISDIR};
    }
    MutexGuard guard(inode->lock);
    for (u64 done = 0; done < count;) {
        u64 at = offset + done;
        u64 piece = min(count - done, kPageSize - at % kPageSize);
        Ref<CachedPage> page = TRY(inode->pages.get(at / kPageSize));
        TRY(inode->prepare_write(at, piece));
        for (u64 i = 0; i < piece; i++) {
            page->data()[at % kPageSize + i] = pattern(seed, at + i);
        }
        inode->size.store(max(inode->size.load(), at + piece));
        inode->pages.mark_dirty(*page);
        done += piece;
        (void) inode->write_attributes();
    }
    return {};
}

Result<void> truncate(Session& session, const char* path, u64 size) {
    Ref<Inode> inode = TRY(find(session, path));
    MutexGuard guard(inode->lock);
    TRY(inode->resize(size));
    return inode->write_attributes();
}

Result<void> hold(Session& session, const char* path) {
    session.held[session.held_count++ % array_size(session.held)] = TRY(find(session, path));
    return {};
}

struct Printer final : DirectoryVisitor {
    usize count = 0;
    u64 next = 0;
    bool entry(StringView name, u64 ino, u8 type, u64 after) override {
        printf("%.*s %lu %u\n", static_cast<int>(name.size()), name.data(), ino, type);
        next = after;
        return ++count % 3 != 0;  // in small portions
    }
};

Result<void> list(Session& session, const char* path) {
    Ref<Inode> inode = TRY(find(session, path));
    MutexGuard guard(inode->lock);
    Printer printer;
    for (usize before = ~usize{0}; before != printer.count;) {
        before = printer.count;
        TRY(inode->list(printer.next, printer));
    }
    return {};
}

Result<void> set_times(Session& session, const char* path, i64 time) {
    Ref<Inode> inode = TRY(find(session, path));
    MutexGuard guard(inode->lock);
    inode->atime.store(time);
    inode->mtime.store(time);
    return inode->write_attributes();
}

Result<void> print_statfs(Session& session) {
    struct statfs result = {};
    TRY(session.fs->statfs(result));
    printf("%lu %lu %lu %lu\n", result.f_blocks, result.f_bfree, result.f_files, result.f_ffree);
    return {};
}

// Drops from memory all that can be read again.
Result<void> forget(Session& session) {
    TRY(session.fs->sync());
    session.fs->inodes.shrink(~usize{0});
    static_cast<Ext2&>(*session.fs).volume().cache().shrink(~usize{0});
    return {};
}

Result<void> run_line(Session& session, const char* line) {
    char word[16] = "", a[4200] = "", b[4200] = "";
    u64 x = 0, y = 0, z = 0;
    sscanf(line, "%15s %4199s %4199s", word, a, b);
    StringView name(word);
    if (name == "mkdir") return make_node(session, a, S_IFDIR | 0755, 0);
    if (name == "create") return make_node(session, a, S_IFREG | 0644, 0);
    if (name == "unlink") return remove(session, a, false);
    if (name == "rmdir") return remove(session, a, true);
    if (name == "link") return make_link(session, a, b);
    if (name == "symlink") return make_symlink(session, a, b);
    if (name == "rename") return rename(session, a, b, false);
    if (name == "exchange") return rename(session, a, b, true);
    if (name == "hold") return hold(session, a);
    if (name == "list") return list(session, a);
    if (name == "sync") return session.fs->sync();
    if (name == "forget") return forget(session);
    if (name == "statfs") return print_statfs(session);
    if (name == "release") {
        for (Ref<Inode>& held : session.held) held = nullptr;
        return {};
    }
    sscanf(line, "%*s %*s %lu %lu %lu", &x, &y, &z);
    if (name == "write") return write(session, a, x, y, z);
    if (name == "truncate") return truncate(session, a, x);
    if (name == "times") return set_times(session, a, static_cast<i64>(x));
    if (name == "node") return make_node(session, a, static_cast<u32>(x), ABI_MAKEDEV(y, z));
    return Errno{ENOSYS};
}

}  // namespace

int main(int count, char** arguments) {
    ASSERT(count == 2);
    CachedPages::create_table();
    Bytes image = read_image(arguments[1]);
    MemoryDisk disk(image);
    add_block_device(disk);
    {
        Result<Ref<FileSystem>> fs = open_ext2(disk, false);
        if (!fs.ok()) {
            printf("open %d\n", fs.error().number);
            heap_free(image.data());
            return 1;
        }
        Session session;
        session.fs = *fs;
        static char line[9000];
        while (read_line(line, sizeof line)) {
            Result<void> result = run_line(session, line);
            printf("= %d\n", result.error().number);
            fflush(nullptr);
        }
        for (Ref<Inode>& held : session.held) {
            held = nullptr;
        }
        Result<void> last = session.fs->sync();
        ASSERT(last.ok());
    }
    write_image(arguments[1], image);
    heap_free(image.data());
    return 0;
}
