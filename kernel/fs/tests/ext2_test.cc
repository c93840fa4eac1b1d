// Kernel tests of ext2, without user programs. They need a disk that may be overwritten: an ext2
// file system with the volume name "scratch" (mke2fs -L scratch), not mounted; without it they say so
// and pass. tests/test_ext2.py runs them and has e2fsck judge the disk afterwards.
#include "base/ktest.h"
#include "base/random.h"
#include "cpu/console.h"
#include "cpu/csr.h"
#include "cpu/machine.h"
#include "fs/ext2/ext2.h"
#include "io/names.h"

namespace {

constexpr NewInode kFile{S_IFREG | 0644, 0, 0, 0};
constexpr NewInode kFolder{S_IFDIR | 0755, 0, 0, 0};

BlockDevice* scratch_disk() {
    u8* sector = static_cast<u8*>(heap_allocate(kSuperblockSize));
    BlockDevice* found = nullptr;
    for (usize i = 0; block_device(i) != nullptr && found == nullptr; i++) {
        u64 start = kSuperblockOffset / kSectorSize;
        bool read = block_device(i)->read(start, {sector, kSuperblockSize}).ok();
        auto* super = reinterpret_cast<Ext2Superblock*>(sector);
        if (read && StringView("scratch") == StringView(super->s_volume_name, 7)) {
            found = block_device(i);
        }
    }
    heap_free(sector);
    if (found == nullptr) kprintf("ktest:   no scratch disk\n");
    return found;
}

struct statfs numbers(FileSystem& fs) {
    struct statfs result = {};
    EXPECT(fs.statfs(result).ok());
    return result;
}

constexpr usize kThreads = 4;
Inode* common_directory;
Atomic<u32> next_thread{0};
Atomic<u32> unexpected{0};

bool expected(Result<void> result) {
    int error = result.error().number;
    return error == 0 || error == ENOENT || error == EEXIST || error == EISDIR ||
           error == ENOTDIR || error == ENOTEMPTY;
}

template <typename T> Result<void> outcome(const Result<T>& result) {
    return result.ok() ? Result<void>() : Result<void>(result.error());
}

// One thread: names that all threads share come and go.
void make_and_remove(void*) {
    Random random(next_thread.fetch_add(1) + 77);
    Inode& directory = *common_directory;
    for (int round = 0; round < 300; round++) {
        const char name[] = {'n', static_cast<char>('a' + random.below(6)), '\0'};
        const char other[] = {'n', static_cast<char>('a' + random.below(6)), '\0'};
        Result<void> result;
        switch (random.below(6)) {
        case 0: result = outcome(make_file(directory, name, kFile)); break;
        case 1: result = outcome(make_directory(directory, name, kFolder)); break;
        case 2: result = outcome(make_symlink(directory, name, "a target")); break;
        case 3: result = remove_file(directory, name); break;
        case 4: result = remove_directory(directory, name); break;
        default: {
            Result<Ref<Inode>> target = lookup_entry(Ref<Inode>(directory), other);
            result = outcome(target);
            if (target.ok() && !(*target)->is_directory()) {
                result = make_link(directory, name, **target);
            }
        }
        }
        if (!expected(result)) {
            kprintf("ktest:   error %d\n", result.error().number);
            unexpected.fetch_add(1);
        }
    }
}

template <typename F> void print_cost(const char* what, F operation) {
    constexpr u64 kRounds = 100;
    operation();
    u64 start = read_csr(instret);
    for (u64 i = 0; i < kRounds; i++) operation();
    kprintf("cost: %-36s %5lu instructions\n", what, (read_csr(instret) - start) / kRounds);
}

}  // namespace

KTEST(ext2_threads_share_a_directory) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) return;
    Ref<FileSystem> fs = open_ext2(*disk, false).value();
    struct statfs before = numbers(*fs);
    Ref<Inode> directory = make_directory(*fs->root(), "shared", kFolder).value();
    common_directory = directory.get();
    unexpected.store(0);
    Ref<Thread> threads[kThreads];
    for (Ref<Thread>& thread : threads) {
        thread = Thread::create("ext2 test", make_and_remove, nullptr).value();
        thread->start();
    }
    for (Ref<Thread>& thread : threads) thread->join();
    EXPECT_EQ(unexpected.load(), u32{0});
    for (char last = 'a'; last <= 'f'; last++) {
        const char name[] = {'n', last, '\0'};
        if (!remove_file(*directory, name).ok()) (void) remove_directory(*directory, name);
    }
    EXPECT_EQ(directory->nlink.load(), u32{2});
    directory = nullptr;
    EXPECT(remove_directory(*fs->root(), "shared").ok());
    EXPECT_EQ(numbers(*fs).f_bfree, before.f_bfree);
    EXPECT_EQ(numbers(*fs).f_ffree, before.f_ffree);
    EXPECT(fs->sync().ok());
}

KTEST(ext2_closed_leaves_no_frames) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) return;
    auto use = [&] {
        Ref<FileSystem> fs = open_ext2(*disk, false).value();
        Ref<Inode> file = make_file(*fs->root(), "f", kFile).value();
        {
            MutexGuard guard(file->lock);
            Ref<CachedPage> page = file->pages.get(3).value();
            EXPECT(file->prepare_write(3 * kPageSize, 10).ok());
            file->size.store(3 * kPageSize + 10);
            file->pages.mark_dirty(*page);
        }
        EXPECT(file->sync().ok());
        EXPECT(remove_file(*fs->root(), "f").ok());
        file = nullptr;
        EXPECT(fs->sync().ok());
    };
    use();  // what the heap keeps for its next user is there now
    u64 before = memory_stats().free;
    use();
    EXPECT_EQ(memory_stats().free, before);
}

KTEST(ext2_costs) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) return;
    Ref<FileSystem> fs = open_ext2(*disk, false).value();
    Ref<Inode> root = fs->root();
    print_cost("ext2: make and remove a file", [&] {
        (void) make_file(*root, "f", kFile);
        (void) remove_file(*root, "f");
    });
    print_cost("ext2: make and remove a directory", [&] {
        (void) make_directory(*root, "d", kFolder);
        (void) remove_directory(*root, "d");
    });
    (void) make_file(*root, "f", kFile);
    print_cost("ext2: look a name up", [&] { (void) lookup_entry(root, "f"); });
    EXPECT(remove_file(*root, "f").ok());
    EXPECT(fs->sync().ok());
}
