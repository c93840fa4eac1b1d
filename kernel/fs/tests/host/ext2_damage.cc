// ext2 on damaged disks: takes an image, spoils bytes of its metadata at random, and then uses the
// file system in every way. Any answer will do, but there must be one: no panic, no read outside a
// buffer (the sanitizers watch), and no more requests to the disk than a sound one could need.
//   ext2_damage IMAGE FIRST_SEED COUNT [VERBOSE]
#include "base/random.h"
#include "fs/ext2/ext2.h"
#include "fs/tests/host/host.h"
#include "fs/tests/host/memory_disk.h"
#include "io/cached_pages.h"

namespace {

constexpr u64 kMostRequests = 200'000;

// Walks the tree, reads everything, and remembers some inodes of each kind.
class Visit final : public DirectoryVisitor {
  public:
    static constexpr usize kMost = 40;
    struct Found {
        Ref<Inode> directory;
        char name[256];
        u8 length;
        StringView text() const { return {name, length}; }
    };

    bool entry(StringView name, u64, u8, u64 next) override {
        position = next;
        if (name == "." || name == ".." || count == kMost) {
            return count < kMost;
        }
        Found& place = found[count++];
        place.directory = current;
        place.length = static_cast<u8>(name.size());
        memcpy(place.name, name.data(), name.size());
        return true;
    }

    Ref<Inode> current;
    u64 position = 0;
    Found found[kMost];
    usize count = 0;
};

Result<Ref<Inode>> child(Inode& directory, StringView name) {
    MutexGuard guard(directory.lock);
    return directory.lookup(name);
}

void read_all(Inode& inode) {
    u64 pages = min(divide_up(inode.size.load(), kPageSize), u64{300});
    for (u64 i = 0; i < pages; i++) {
        (void) inode.pages.get(i);
    }
    // And where the size says that there is more.
    (void) inode.pages.get(inode.size.load() / kPageSize);
}

void walk(Visit& visit, Ref<FileSystem> fs) {
    visit.current = fs->root();
    {
        MutexGuard guard(visit.current->lock);
        (void) visit.current->list(0, visit);
    }
    static char target[4096];
    for (usize i = 0; i < visit.count; i++) {
        Result<Ref<Inode>> inode = child(*visit.found[i].directory, visit.found[i].text());
        if (!inode.ok()) {
            continue;
        }
        if ((*inode)->is_directory()) {
            visit.current = *inode;
            (void) child(**inode, "..");
            MutexGuard guard((*inode)->lock);
            (void) (*inode)->list(0, visit);
        } else if ((*inode)->is_symlink()) {
            (void) (*inode)->read_link({target, sizeof target});
        } else if ((*inode)->is_regular()) {
            read_all(**inode);
        }
    }
}

void write_some(Inode& inode, u64 offset, u64 count) {
    MutexGuard guard(inode.lock);
    for (u64 done = 0; done < count; done += kPageSize) {
        Result<Ref<CachedPage>> page = inode.pages.get((offset + done) / kPageSize);
        if (!page.ok() || !inode.prepare_write(offset + done, min(count - done, kPageSize)).ok()) {
            return;
        }
        inode.size.store(max(inode.size.load(), offset + min(done + kPageSize, count)));
        inode.pages.mark_dirty(**page);
    }
    (void) inode.write_attributes();
}

// Floor io's check before a rename: whether `place` is `above` or lies in it, or that cannot be told.
bool lies_in(Ref<Inode> place, const Inode& above) {
    for (u32 depth = 0; depth < 1000; depth++) {
        Ref<Inode> parent = child(*place, "..").value_or(nullptr);
        if (place.get() == &above || !parent) {
            return true;
        }
        if (parent == place) {
            return false;
        }
        place = move(parent);
    }
    return true;
}

void change(Visit& visit, usize i, Random& random) {
    Visit::Found& place = visit.found[i];
    Inode& directory = *place.directory;
    Result<Ref<Inode>> inode = child(directory, place.text());
    if (!inode.ok()) {
        return;
    }
    Inode& found = **inode;
    if (found.is_regular() && random.below(2) == 0) {
        write_some(found, random.below(1 << 20), random.below(50'000));
    }
    if (found.is_regular() && random.below(2) == 0) {
        MutexGuard guard(found.lock);
        (void) found.resize(random.below(1 << 20));
    }
    Visit::Found& other = visit.found[random.below(visit.count)];
    if (random.below(3) == 0 && !lies_in(other.directory, found)) {
        Result<Ref<Inode>> there = child(*other.directory, other.text());
        Inode* replaced = there.ok() ? there->get() : nullptr;
        bool alike = replaced == nullptr || replaced->is_directory() == found.is_directory();
        bool fresh = replaced != nullptr || there.error() == Errno{ENOENT};
        if (alike && fresh && replaced != &found && replaced != &directory) {
            (void) directory.fs.rename(
                {directory, place.text(), found, *other.directory, other.text(), replaced, false});
        }
        return;
    }
    MutexGuard guard(directory.lock);
    if (directory.nlink.load() != 0) {
        (void) directory.create("fresh", {S_IFREG | 0644, 0, 0, 0});
        (void) directory.mkdir("folder", {S_IFDIR | 0755, 0, 0, 0});
        (void) directory.symlink("link", place.text(), {S_IFLNK | 0777, 0, 0, 0});
    }
    found.lock.lock_nested();
    (void) (found.is_directory() ? directory.rmdir(place.text(), found)
                                 : directory.unlink(place.text(), found));
    found.lock.unlock();
}

// Spoils the beginning of the disk, where small images have most of their metadata.
void spoil(Bytes disk, ConstBytes original, Random& random) {
    usize area = random.below(3) == 0 ? disk.size() : min(disk.size(), usize{256} * 1024);
    for (u64 hits = 1 + random.below(12); hits > 0; hits--) {
        usize at = random.below(area - 8);
        // Look for bytes that mean something.
        for (int tries = 0; tries < 4000 && original[at] == 0; tries++) {
            at = random.below(area - 8);
        }
        switch (random.below(4)) {
        case 0: disk[at] = static_cast<u8>(random.next()); break;
        case 1: disk[at] ^= static_cast<u8>(1 << random.below(8)); break;
        case 2: memset(&disk[at], random.below(2) == 0 ? 0 : 0xff, 1 + random.below(8)); break;
        default: memcpy(&disk[at], &original[random.below(area - 8)], 4); break;
        }
    }
}

void run(Bytes bytes, u64 seed) {
    Random random(seed);
    MemoryDisk disk(bytes);
    if (random.below(8) == 0) {
        disk.fail_every(static_cast<u32>(2 + random.below(200)));
    }
    Result<Ref<FileSystem>> fs = open_ext2(disk, false);
    if (fs.ok()) {
        static Visit visit;
        visit.count = 0;
        walk(visit, *fs);
        for (usize i = 0; i < visit.count; i++) {
            change(visit, i, random);
        }
        for (Visit::Found& found : visit.found) {
            found.directory = nullptr;
        }
        visit.current = nullptr;
        (void) (*fs)->sync();
        struct statfs numbers = {};
        (void) (*fs)->statfs(numbers);
    }
    BlockStatistics statistics = disk.statistics();
    u64 requests = statistics.reads + statistics.writes + statistics.errors;
    if (requests > kMostRequests) {
        panic("seed %lu: %lu requests", seed, requests);
    }
}

}  // namespace

int main(int count, char** arguments) {
    ASSERT(count >= 4);
    host_quiet = count == 4;
    CachedPages::create_table();
    Bytes original = read_image(arguments[1]);
    Bytes copy = read_image(arguments[1]);
    u64 first = 0, seeds = 0;
    ASSERT(parse_number(arguments[2], first) && parse_number(arguments[3], seeds));
    for (u64 seed = first; seed < first + seeds; seed++) {
        memcpy(copy.data(), original.data(), original.size());
        Random random(seed * 7919 + 1);
        spoil(copy, original, random);
        if (!host_quiet) {
            printf("seed %lu\n", seed);
            fflush(nullptr);
        }
        run(copy, random.next());
    }
    heap_free(original.data());
    heap_free(copy.data());
    return 0;
}
