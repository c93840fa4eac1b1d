// The kernel's side of the tests of lab `disk`: runs a script that the host wrote, on the first
// disk and on a block cache over it, and notes what came of each line, for the host to read from
// memory. The script lies where an initial file system would (QEMU's -initrd); disk_lab_stop() is
// where the host has its breakpoint. The host's side is tests/disk_host.py.
#include "base/ktest.h"
#include "block/block_cache.h"
#include "cpu/machine.h"
#include "mm/frame.h"
#include "thread/thread.h"

namespace {

enum class Op : u8 {
    kEnd,
    kStop,       // lets the host look
    kWrite,      // `count` sectors from `number` on, of version `slot`
    kRead,       // `count` sectors from `number` on: their sum
    kFlush,      // the device
    kManyWrite,  // `count` requests of one sector at once, every second sector from `number` on
    kManyRead,   // the same, reading: the sum
    kOpen,       // a cache of `count` blocks of 1024 bytes
    kGet,        // block `number`: its sum
    kHold,       // block `number`: stays held in `slot`; its sum
    kDrop,       // gives up what is held in `slot`
    kChange,     // block `number` gets version `slot`, is dirty
    kSync,       // the cache
    kReaders,    // `count` threads get block `number` at once: how many had the same sum
    kMisses,     // of the cache so far
    kBlocks,     // in the cache now
    kClose,      // the cache
};

// As the host packs it.
struct Line {
    Op op;
    u8 unused;
    u16 slot;
    u32 count;
    u64 number;
};
static_assert(sizeof(Line) == 16);

constexpr usize kMaxLines = 8192;
constexpr usize kSlots = 64;
constexpr usize kMaxReaders = 16;
constexpr usize kBlockSize = 1024;
constexpr u64 kError = u64{1} << 63;  // with an error number: what a line gives that fails

Owned<BlockCache> cache;
Ref<Block> held[kSlots];
u64 wanted_block;
u64 sums[kMaxReaders];

struct Memory : Immovable {
    explicit Memory(usize size) : data(static_cast<u8*>(heap_allocate(size))) {
        ASSERT(data != nullptr);
    }
    ~Memory() { heap_free(data); }
    u8* const data;
};

struct Entry {
    BlockRequest request;
    BlockPiece piece;
};

void stamp(u8* data, usize size, u64 first_sector, u64 version) {
    auto* words = reinterpret_cast<u64*>(data);
    for (usize i = 0; i < size / 8; i++) {
        words[i] =
            (first_sector + i / 64) * 0x9e3779b97f4a7c15 + version * 0xd6e8feb86659fd93 + i % 64;
    }
}

u64 sum(const u8* data, usize size, u64 before = 0) {
    auto* words = reinterpret_cast<const u64*>(data);
    for (usize i = 0; i < size / 8; i++) before = before * 31 + words[i];
    return before;
}

u64 outcome(const Result<void>& result) {
    return result.ok() ? 0 : kError | static_cast<u64>(result.error().number);
}

u64 transfer(BlockDevice& disk, const Line& line) {
    const usize size = line.count * kSectorSize;
    Memory memory(size);
    if (line.op == Op::kWrite) {
        stamp(memory.data, size, line.number, line.slot);
        return outcome(disk.write(line.number, {memory.data, size}));
    }
    Result<void> done = disk.read(line.number, {memory.data, size});
    return done.ok() ? sum(memory.data, size) : outcome(done);
}

u64 transfer_many(BlockDevice& disk, const Line& line) {
    const bool writing = line.op == Op::kManyWrite;
    Memory data(line.count * kSectorSize);
    Memory memory(line.count * sizeof(Entry));
    auto* entries = reinterpret_cast<Entry*>(memory.data);
    for (usize i = 0; i < line.count; i++) {
        Entry& entry = *new (&entries[i]) Entry;
        u8* sector = data.data + i * kSectorSize;
        if (writing) stamp(sector, kSectorSize, line.number + 2 * i, line.slot);
        entry.piece = {sector, kSectorSize};
        entry.request.operation = writing ? BlockOperation::kWrite : BlockOperation::kRead;
        entry.request.sector = line.number + 2 * i;
        entry.request.pieces = {&entry.piece, 1};
        disk.submit(entry.request);
    }
    u64 result = 0;
    for (usize i = 0; i < line.count; i++) {
        Result<void> done = disk.wait(entries[i].request);
        if (!done.ok()) result = outcome(done);
    }
    if (writing || result != 0) return result;
    return sum(data.data, line.count * kSectorSize);
}

u64 get_block(u64 number, Ref<Block>* keep) {
    Result<Ref<Block>> block = cache->read(number);
    if (!block.ok()) return kError | static_cast<u64>(block.error().number);
    u64 result = sum((*block)->data(), kBlockSize);
    if (keep != nullptr) *keep = *block;
    return result;
}

u64 change_block(const Line& line) {
    Result<Ref<Block>> block = cache->get_zeroed(line.number);
    if (!block.ok()) return kError | static_cast<u64>(block.error().number);
    stamp((*block)->data(), kBlockSize, line.number * 2, line.slot);
    (*block)->mark_dirty();
    return 0;
}

u64 read_together(const Line& line) {
    const usize count = min<usize>(line.count, kMaxReaders);
    Ref<Thread> threads[kMaxReaders];
    wanted_block = line.number;
    for (usize i = 0; i < count; i++) {
        auto work = [](void* place) {
            *static_cast<u64*>(place) = get_block(wanted_block, nullptr);
        };
        threads[i] = Thread::create("reader", work, &sums[i]).value();
    }
    for (usize i = 0; i < count; i++) threads[i]->start();
    for (usize i = 0; i < count; i++) threads[i]->join();
    u64 all = 0;
    for (usize i = 0; i < count; i++) all = all * 31 + sums[i];
    return all;
}

}  // namespace

// What the host reads: the number of the line that is being run, and what each line gave.
extern "C" {
u64 disk_lab_step;
u64 disk_lab_results[kMaxLines];

[[gnu::noinline]] void disk_lab_stop() { asm volatile("" ::: "memory"); }
}

static u64 run_line(BlockDevice& disk, const Line& line) {
    Ref<Block>& slot = held[line.slot % kSlots];
    switch (line.op) {
    case Op::kStop: disk_lab_stop(); break;
    case Op::kWrite:
    case Op::kRead: return transfer(disk, line);
    case Op::kFlush: return outcome(disk.flush());
    case Op::kManyWrite:
    case Op::kManyRead: return transfer_many(disk, line);
    case Op::kOpen: cache = BlockCache::create(disk, kBlockSize, line.count).value(); break;
    case Op::kGet: return get_block(line.number, nullptr);
    case Op::kHold: return get_block(line.number, &slot);
    case Op::kDrop: slot = nullptr; break;
    case Op::kChange: return change_block(line);
    case Op::kSync: return outcome(cache->sync());
    case Op::kReaders: return read_together(line);
    case Op::kMisses: return cache->statistics().misses;
    case Op::kBlocks: return cache->statistics().blocks;
    case Op::kClose: cache = nullptr; break;
    case Op::kEnd: break;
    }
    return 0;
}

KTEST(disk_lab_script) {
    const PhysRange script = machine().initrd;
    const auto* lines = linear_pointer<const Line>(script.start);
    const u64 count = min(script.size / sizeof(Line), u64{kMaxLines});
    BlockDevice* disk = find_block_device("vda");
    EXPECT(disk != nullptr);
    for (u64 i = 0; disk != nullptr && i < count && lines[i].op != Op::kEnd; i++) {
        disk_lab_step = i;
        disk_lab_results[i] = run_line(*disk, lines[i]);
    }
    if (disk == nullptr) return;
    disk_lab_step = count;
    disk_lab_stop();
}
