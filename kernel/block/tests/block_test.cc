// Kernel tests of disks and the block cache. They need a disk that may be overwritten: the one whose
// first sector begins with "goose scratch disk"; without it they say so and pass.
// What must be on the disk afterwards is known to tests/test_block.py: each sector of the area that
// random_transfers writes holds its own number and a version.
#include "base/ktest.h"
#include "base/random.h"
#include "block/block_cache.h"
#include "cpu/console.h"
#include "cpu/machine.h"
#include "mm/frame.h"

namespace {

constexpr StringView kMark = "goose scratch disk";
constexpr u64 kFirstSector = 64;  // of the area the tests write to
constexpr u64 kSectors = 4096;

u64 test_seed() {
    u64 seed = 1;
    parse_number(boot_option("seed", "1"), seed);
    return seed;
}

BlockDevice* scratch_disk() {
    u8* sector = static_cast<u8*>(heap_allocate(kSectorSize));
    BlockDevice* found = nullptr;
    for (usize i = 0; block_device(i) != nullptr && found == nullptr; i++) {
        BlockDevice* disk = block_device(i);
        bool read = disk->read(0, {sector, kSectorSize}).ok();
        if (read && memcmp(sector, kMark.data(), kMark.size()) == 0 && !disk->read_only()) {
            found = disk;
        }
    }
    heap_free(sector);
    if (found == nullptr) {
        kprintf("ktest:   no scratch disk\n");
    }
    return found;
}

// Memory for `size` bytes, given back at the end of the block.
struct Buffer : Immovable {
    explicit Buffer(usize size) : bytes(static_cast<u8*>(heap_allocate(size)), size) {
        ASSERT(bytes.data() != nullptr);
    }
    ~Buffer() { heap_free(bytes.data()); }
    Bytes bytes;
};

void stamp(u8* sector, u64 number, u64 version) {
    auto* words = reinterpret_cast<u64*>(sector);
    for (usize i = 0; i < kSectorSize / 8; i += 2) {
        words[i] = number;
        words[i + 1] = version;
    }
}

bool stamped(const u8* sector, u64 number, u64 version) {
    auto* words = reinterpret_cast<const u64*>(sector);
    return words[0] == number && words[1] == version && words[62] == number && words[63] == version;
}

}  // namespace

KTEST(block_transfers_arrive) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) {
        return;
    }
    Random random(test_seed());
    Buffer buffer(64 * kSectorSize);
    Buffer versions(kSectors);
    memset(versions.bytes.data(), 0, kSectors);
    // Twice over the area, in pieces of random size and place; each version is read back.
    for (int round = 0; round < 400; round++) {
        u64 count = 1 + random.below(64);
        u64 start = random.below(kSectors - count);
        Bytes part = buffer.bytes.first(count * kSectorSize);
        if (random.below(2) == 0) {
            for (u64 i = 0; i < count; i++) {
                u8& version = versions.bytes[start + i];
                version = static_cast<u8>(version % 200 + 1);
                stamp(&part[i * kSectorSize], start + i, version);
            }
            EXPECT(disk->write(kFirstSector + start, part).ok());
        } else {
            EXPECT(disk->read(kFirstSector + start, part).ok());
            for (u64 i = 0; i < count; i++) {
                u8 version = versions.bytes[start + i];
                EXPECT(version == 0 || stamped(&part[i * kSectorSize], start + i, version));
            }
        }
    }
    EXPECT(disk->flush().ok());
}

KTEST(block_more_requests_than_descriptors) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) {
        return;
    }
    constexpr usize kRequests = 600;
    struct Entry {
        BlockRequest request;
        BlockPiece piece;
    };
    Buffer data(kRequests * kSectorSize);
    Buffer memory(kRequests * sizeof(Entry));
    auto* entries = reinterpret_cast<Entry*>(memory.bytes.data());
    for (usize pass = 0; pass < 2; pass++) {
        for (usize i = 0; i < kRequests; i++) {
            Entry& entry = *new (&entries[i]) Entry;
            u8* sector = &data.bytes[i * kSectorSize];
            pass == 0 ? stamp(sector, i, 77) : static_cast<void>(memset(sector, 0, kSectorSize));
            entry.piece = {sector, kSectorSize};
            entry.request.operation = pass == 0 ? BlockOperation::kWrite : BlockOperation::kRead;
            entry.request.sector = kFirstSector + i;
            entry.request.pieces = {&entry.piece, 1};
            disk->submit(entry.request);
        }
        for (usize i = 0; i < kRequests; i++) {
            EXPECT(disk->wait(entries[i].request).ok());
        }
    }
    for (usize i = 0; i < kRequests; i++) {
        EXPECT(stamped(&data.bytes[i * kSectorSize], i, 77));
    }
}

KTEST(block_refuses_what_cannot_be) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) {
        return;
    }
    Buffer buffer(2 * kSectorSize);
    u64 end = disk->sector_count();
    EXPECT_EQ(disk->read(end - 1, buffer.bytes).error().number, EIO);
    EXPECT_EQ(disk->read(end, buffer.bytes.first(kSectorSize)).error().number, EIO);
    EXPECT_EQ(disk->read(~u64{0}, buffer.bytes).error().number, EIO);
    EXPECT_EQ(disk->read(0, buffer.bytes.first(100)).error().number, EINVAL);
    EXPECT_EQ(disk->read(0, Bytes()).error().number, EINVAL);
    EXPECT(disk->read(end - 2, buffer.bytes).ok());
}

KTEST(block_cache_keeps_and_writes_back) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) {
        return;
    }
    u64 frames_before = memory_stats().free;
    {
        constexpr usize kBlockSize = 1024;
        constexpr u64 kFirst = kFirstSector / 2;
        Owned<BlockCache> cache = BlockCache::create(*disk, kBlockSize, 64).value();
        // More blocks than the cache holds: old ones go, changed ones are written before.
        for (u64 i = 0; i < 300; i++) {
            Ref<Block> block = cache->get_zeroed(kFirst + i).value();
            stamp(block->data(), i, 5);
            stamp(block->data() + kSectorSize, i, 6);
            block->mark_dirty();
        }
        EXPECT(cache->statistics().blocks <= 64);
        for (u64 i = 0; i < 300; i++) {
            Ref<Block> block = cache->read(kFirst + i).value();
            EXPECT(stamped(block->data(), i, 5) && stamped(block->data() + kSectorSize, i, 6));
        }
        // What is held stays, however many others come.
        Ref<Block> held = cache->read(kFirst).value();
        for (u64 i = 0; i < 300; i++) {
            EXPECT(cache->read(kFirst + i).ok());
        }
        EXPECT(cache->read(kFirst).value().get() == held.get());
        // A forgotten block is not written back.
        held->mark_dirty();
        stamp(held->data(), 1000, 1000);
        cache->forget(kFirst);
        held = nullptr;
        EXPECT(cache->sync().ok());
        EXPECT(stamped(cache->read(kFirst).value()->data(), 0, 5));
        EXPECT_EQ(cache->statistics().dirty, usize{0});
    }
    EXPECT_EQ(memory_stats().free, frames_before);
}

KTEST(block_cache_reads_once) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) {
        return;
    }
    Owned<BlockCache> cache = BlockCache::create(*disk, 4096, 64).value();
    static BlockCache* shared;
    static Atomic<u32> successes;
    shared = cache.get();
    successes.store(0);
    u64 reads_before = disk->statistics().reads;
    Ref<Thread> threads[4];
    for (Ref<Thread>& thread : threads) {
        thread = Thread::create(
                     "reader",
                     [](void*) {
                         for (u64 block = 16; block < 48; block++) {
                             successes.fetch_add(shared->read(block).ok() ? 1 : 0);
                         }
                     },
                     nullptr)
                     .value();
        thread->start();
    }
    for (Ref<Thread>& thread : threads) {
        thread->join();
    }
    EXPECT_EQ(successes.load(), u32{4 * 32});
    EXPECT_EQ(disk->statistics().reads - reads_before, u64{32});
}

KTEST(block_cache_joins_neighbours) {
    BlockDevice* disk = scratch_disk();
    if (disk == nullptr) {
        return;
    }
    Owned<BlockCache> cache = BlockCache::create(*disk, 4096, 256).value();
    BlockStatistics before = disk->statistics();
    for (u64 i = 0; i < 64; i++) {
        Ref<Block> block = cache->get_zeroed(16 + i * 7 % 64).value();  // in no order
        block->mark_dirty();
    }
    EXPECT(cache->sync().ok());
    BlockStatistics after = disk->statistics();
    EXPECT_EQ(after.sectors_written - before.sectors_written, u64{64 * 8});
    usize per_request = min(usize{32}, disk->max_pieces());
    EXPECT_EQ(after.writes - before.writes, divide_up(64, per_request));
    EXPECT_EQ(after.flushes - before.flushes, u64{1});
    EXPECT(cache->sync().ok());
    EXPECT_EQ(disk->statistics().writes, after.writes);
}

// With bad_sector=N on the command line: the host lets that sector fail.
KTEST(block_errors_are_told) {
    BlockDevice* disk = scratch_disk();
    u64 bad = 0;
    if (disk == nullptr || !parse_number(boot_option("bad_sector", "no"), bad)) {
        return;
    }
    Buffer buffer(8 * kSectorSize);
    EXPECT_EQ(disk->read(bad, buffer.bytes.first(kSectorSize)).error().number, EIO);
    EXPECT_EQ(disk->write(bad - 1, buffer.bytes).error().number, EIO);
    EXPECT(disk->read(bad + 8, buffer.bytes).ok());
    // In the cache: the block cannot be had, its neighbours can, and a dirty one stays dirty.
    Owned<BlockCache> cache = BlockCache::create(*disk, 4096, 64).value();
    u64 block = bad / 8;
    EXPECT_EQ(cache->read(block).error().number, EIO);
    EXPECT(cache->read(block + 1).ok());
    Ref<Block> held = cache->get_zeroed(block).value();
    held->mark_dirty();
    EXPECT_EQ(cache->sync().error().number, EIO);
    EXPECT_EQ(cache->statistics().dirty, usize{1});
    held = nullptr;
    cache->forget(block);
    EXPECT(cache->sync().ok());
}
