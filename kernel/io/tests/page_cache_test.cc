// The page cache, on a file system that counts what it is asked for.
#include "io/file_system.h"
#include "io/flusher.h"
#include "io/tests/scratch.h"
#include "thread/thread.h"

namespace {

// Every page of its files is filled with the page's number; writes are counted, and fail on demand.
class CountingInode final : public Inode {
  public:
    CountingInode(FileSystem& file_system, u64 number)
        : Inode(file_system, number, S_IFREG | 0644) {
        nlink.store(1);
    }
    Result<void> read_page(u64 index, Frame& frame) override {
        reads.fetch_add(1);
        yield();
        memset(frame.data(), static_cast<int>(index + 1), kPageSize);
        return fails ? Errno{EIO} : Result<void>();
    }
    Result<void> write_page(u64 index, Frame& frame) override {
        writes.fetch_add(1);
        last_written = index;
        last_byte = frame.data()[0];
        return fails ? Errno{EIO} : Result<void>();
    }
    Result<void> truncate(u64) override { return {}; }

    Atomic<u32> reads{0};
    Atomic<u32> writes{0};
    u64 last_written = 0;
    u8 last_byte = 0;
    bool fails = false;
};

class CountingFs final : public FileSystem {
  public:
    CountingFs() : FileSystem("counting", Resting::kOnDisk) {}
    Ref<Inode> root() override { return nullptr; }
    Result<void> statfs(struct statfs&) override { return Errno{ENOSYS}; }
    void free_inode(Inode&) override {
        freed++;
        active_meanwhile = inodes.active();
    }
    u32 freed = 0, active_meanwhile = 0;
};

// A file of ten pages and a half.
struct CountedFile {
    CountedFile() {
        fs = make_ref<CountingFs>().value();
        Owned<CountingInode> made = make<CountingInode>(*fs, 7).value();
        inode = made.get();
        reference = fs->inodes.insert(move(made));
        inode->size.store(10 * kPageSize + 100);
    }
    Ref<CountingFs> fs;
    CountingInode* inode;
    Ref<Inode> reference;
};

}  // namespace

KTEST(io_page_cache_reads_once) {
    CountedFile file;
    PageCache& pages = file.inode->pages;
    EXPECT(!pages.find(3));
    EXPECT_EQ(pages.get(3).value()->data()[5], 4);
    EXPECT_EQ(pages.get(3).value()->data()[kPageSize - 1], 4);
    EXPECT(pages.find(3).get() == pages.get(3).value().get());
    EXPECT_EQ(file.inode->reads.load(), 1u);
    // Beyond the end there are zeroes, and nothing is read for them.
    Ref<CachedPage> last = pages.get(10).value();
    EXPECT_EQ(last->data()[99], 11);
    EXPECT_EQ(last->data()[100], 0);
    EXPECT_EQ(pages.get(11).value()->data()[0], 0);
    EXPECT_EQ(file.inode->reads.load(), 2u);
}

KTEST(io_page_cache_reads_once_for_many_threads) {
    CountedFile file;
    constexpr usize kThreads = 6;
    Ref<Thread> threads[kThreads];
    for (Ref<Thread>& thread : threads) {
        thread = Thread::create(
                     "reader",
                     [](void* inode) {
                         for (u64 index = 0; index < 10; index++) {
                             Ref<CachedPage> page =
                                 static_cast<Inode*>(inode)->pages.get(index).value();
                             EXPECT_EQ(page->data()[0], index + 1);
                         }
                     },
                     file.inode)
                     .value();
        thread->start();
    }
    for (Ref<Thread>& thread : threads) thread->join();
    EXPECT_EQ(file.inode->reads.load(), 11u);  // with the last page, which came ahead
}

KTEST(io_page_cache_writes_dirty_pages_back) {
    CountedFile file;
    PageCache& pages = file.inode->pages;
    Ref<CachedPage> page = pages.get(2).value();
    EXPECT_OK(pages.write_back());
    EXPECT_EQ(file.inode->writes.load(), 0u);
    page->data()[0] = 99;
    pages.mark_dirty(*page);
    pages.mark_dirty(*page);
    EXPECT(pages.has_dirty());
    EXPECT_OK(file.fs->sync());
    EXPECT_EQ(file.inode->writes.load(), 1u);
    EXPECT_EQ(file.inode->last_written, u64{2});
    EXPECT_EQ(file.inode->last_byte, 99);
    EXPECT(!pages.has_dirty());

    // A failing disk is told once, by fsync, and does not keep pages dirty for ever.
    file.inode->fails = true;
    pages.mark_dirty(*page);
    EXPECT_ERROR(file.fs->sync(), EIO);
    EXPECT_ERROR(file.inode->sync(), EIO);
    EXPECT_OK(file.inode->sync());
    EXPECT_ERROR(pages.get(8), EIO);
    file.inode->fails = false;
    EXPECT_OK(pages.get(8));
}

// Else a large file without a name, as programs make them for themselves, would fill memory.
KTEST(io_page_cache_writes_removed_files_that_are_open) {
    CountedFile file;
    PageCache& pages = file.inode->pages;
    pages.mark_dirty(*pages.get(2).value());
    file.inode->nlink.store(0);
    EXPECT_OK(pages.write_back());
    EXPECT_EQ(file.inode->writes.load(), 1u);
    EXPECT(!pages.has_dirty());
}

KTEST(io_file_systems_are_known_once_made) {
    Ref<CountingFs> fs = make_ref<CountingFs>().value();
    u64 device = 0;
    while (Ref<FileSystem> known = next_file_system(device)) {
        EXPECT(known.get() != fs.get());
        device = known->device();
    }
    fs->make_known();
    EXPECT(next_file_system(fs->device() - 1).get() == fs.get());
}

KTEST(io_page_cache_rewrites_mapped_pages) {
    CountedFile file;
    PageCache& pages = file.inode->pages;
    Ref<CachedPage> page = pages.get(1).value();
    Ref<Frame> mapping = page->frame;
    pages.mark_mapped_writable(*page);
    EXPECT_OK(pages.write_back());
    EXPECT_OK(pages.write_back());
    EXPECT_EQ(file.inode->writes.load(), 2u);
    mapping = nullptr;
    EXPECT_OK(pages.write_back());
    EXPECT_OK(pages.write_back());
    EXPECT_EQ(file.inode->writes.load(), 3u);
}

KTEST(io_page_cache_truncates) {
    CountedFile file;
    PageCache& pages = file.inode->pages;
    for (u64 index = 0; index <= 10; index++) pages.mark_dirty(*pages.get(index).value());
    Ref<CachedPage> gone = pages.get(9).value();
    {
        MutexGuard guard(file.inode->lock);
        EXPECT_OK(file.inode->resize(4 * kPageSize + 10));
    }
    EXPECT_EQ(pages.page_count(), usize{5});
    EXPECT(gone->owner == nullptr);
    EXPECT_EQ(pages.get(4).value()->data()[9], 5);
    EXPECT_EQ(pages.get(4).value()->data()[10], 0);
    EXPECT_OK(pages.write_back());
    EXPECT_EQ(file.inode->writes.load(), 5u);
}

KTEST(io_page_cache_gives_clean_pages_back) {
    CountedFile file;
    PageCache& pages = file.inode->pages;
    Ref<CachedPage> held = pages.get(0).value();
    Ref<Frame> mapped = pages.get(1).value()->frame;
    pages.mark_dirty(*pages.get(2).value());
    for (u64 index = 3; index < 10; index++) EXPECT_OK(pages.get(index));
    shrink_page_cache(~usize{0});
    EXPECT_EQ(pages.page_count(), usize{3});
    EXPECT(pages.find(0) && pages.find(1) && pages.find(2));
}

KTEST(io_inodes_rest_until_memory_is_short) {
    i64 before = Inode::live_count();
    CountedFile file;
    EXPECT_EQ(file.fs->inodes.active(), 1u);
    EXPECT_OK(file.inode->pages.get(0));
    file.reference = nullptr;
    EXPECT_EQ(file.fs->inodes.active(), 0u);
    EXPECT(file.fs->inodes.find(7).get() == file.inode);
    EXPECT(!file.fs->inodes.find(8));
    EXPECT_EQ(file.fs->inodes.shrink(5), usize{1});
    EXPECT_EQ(Inode::live_count(), before);
    EXPECT_EQ(file.fs->freed, 0u);
}

KTEST(io_inodes_without_links_are_freed) {
    CountedFile file;
    file.inode->pages.mark_dirty(*file.inode->pages.get(0).value());
    file.inode->nlink.store(0);
    file.reference = nullptr;
    EXPECT_EQ(file.fs->freed, 1u);
    EXPECT(!file.fs->inodes.find(7));
    // Until then it is in use: an unmount has to refuse.
    EXPECT_EQ(file.fs->active_meanwhile, 1u);
    EXPECT_EQ(file.fs->inodes.active(), 0u);
}
