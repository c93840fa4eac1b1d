// The kernel's side of the tests of lab `memory`: runs a script that the host wrote, on address
// spaces that no program uses, and notes what came of each line for the host to read from memory. The
// script lies where an initial file system would (QEMU's -initrd). `ktest=memory_lab_script` starts
// it; memory_lab_stop() is where the host has its breakpoint. The host's side is
// tests/memory_script.py.
#include "base/ktest.h"
#include "cpu/machine.h"
#include "memory_book.h"
#include "process/address_space.h"

namespace {

enum class Op : u8 {
    kEnd,
    kStop,      // lets the host look
    kCreate,    // space `space` = an empty one
    kDestroy,   // space `space` goes
    kFork,      // space `other` = fork of `space`
    kBook,      // source `other` = a book of `size` pages (see memory_book.h), `value` its key
    kShared,    // source `other` = shared memory of `size` pages
    kMap,       // map(); gives the address
    kUnmap,     // unmap()
    kProtect,   // protect()
    kDiscard,   // discard()
    kResolve,   // resolve() for an access; gives the frame's address
    kWrite,     // copy_out() of `size` bytes made from `value`
    kRead,      // copy_in() of one word; gives it
    kTouch,     // a word of `value` to the start of each of `size` pages
    kHeap,      // start_break(address)
    kBreak,     // set_break(address); gives the break
    kUseUp,     // takes all free frames but `value`, and leaves junk in them
    kGiveBack,  // gives them back
};

// As the host packs it.
struct Line {
    Op op;
    u8 space;
    u8 other;  // a space or, from 1 on, a source of pages
    u8 how;    // kMap: placement + 4 * sharing; kResolve: the access; kBook: 1: keeps its pages
    u32 protection;
    u64 address;
    u64 size;
    u64 value;
};
static_assert(sizeof(Line) == 32);

constexpr usize kMaxLines = 8192;
constexpr unsigned kSpaces = 8;
constexpr unsigned kSources = 8;
constexpr u64 kFailed = u64{1} << 63;  // in what a line gives: with the error's number below

Ref<AddressSpace> spaces[kSpaces];
Ref<Pager> sources[kSources];
Frame* used_up;

u64 outcome_of(Result<void> result) {
    return result.ok() ? 0 : kFailed | static_cast<u64>(result.error().number);
}

template <typename T, typename F> u64 outcome_of(Result<T> result, F value) {
    return result.ok() ? value(*result) : kFailed | static_cast<u64>(result.error().number);
}

void use_up(u64 keep) {
    for (;;) {
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone);
        if (!frame.ok()) break;
        memset(frame->get()->data(), 0x5a, kPageSize);
        frame->get()->next = exchange(used_up, frame->get());
        static_cast<void>(frame->leak());
    }
    for (; keep > 0 && used_up != nullptr; keep--) exchange(used_up, used_up->next)->release();
}

void give_back() {
    while (used_up != nullptr) exchange(used_up, used_up->next)->release();
}

u64 map(AddressSpace& space, const Line& line) {
    Ref<Pager> source = line.other == 0 ? nullptr : sources[line.other];
    Result<VirtAddr> where =
        space.map(VirtAddr(line.address), line.size, line.protection, Sharing(line.how / 4),
                  move(source), line.value, AddressSpace::Placement(line.how % 4));
    return outcome_of(move(where), [](VirtAddr at) { return at.value; });
}

u64 write(AddressSpace& space, const Line& line) {
    static u64 words[2 * kPageSize / sizeof(u64)];
    fill_with_key(words, array_size(words), line.value);
    return outcome_of(space.copy_out(VirtAddr(line.address), words, min(line.size, sizeof words)));
}

u64 read(AddressSpace& space, VirtAddr from) {
    u64 word = 0;
    Result<void> copied = space.copy_in(from, &word, sizeof word);
    return copied.ok() ? word & ~kFailed : outcome_of(move(copied));
}

u64 touch(AddressSpace& space, const Line& line) {
    for (u64 page = 0; page < line.size; page++) {
        const u64 word = line.value + page;
        Result<void> written =
            space.copy_out(VirtAddr(line.address + page * kPageSize), &word, sizeof word);
        if (!written.ok()) return outcome_of(move(written));
    }
    return 0;
}

u64 create(unsigned slot, Result<Ref<AddressSpace>> made) {
    if (!made.ok()) return kFailed | static_cast<u64>(made.error().number);
    spaces[slot] = move(*made);
    return 0;
}

u64 make_source(const Line& line) {
    Result<Ref<Pager>> made = line.op == Op::kBook
                                  ? make_book(line.other, line.size, line.value, line.how != 0)
                                  : make_shared_memory(line.size);
    if (!made.ok()) return kFailed | static_cast<u64>(made.error().number);
    sources[line.other] = move(*made);
    return 0;
}

u64 change_space(AddressSpace& space, const Line& line) {
    const VirtAddr address(line.address);
    switch (line.op) {
    case Op::kFork: return create(line.other, space.fork());
    case Op::kMap: return map(space, line);
    case Op::kUnmap: return outcome_of(space.unmap(address, line.size));
    case Op::kProtect: return outcome_of(space.protect(address, line.size, line.protection));
    case Op::kDiscard: return outcome_of(space.discard(address, line.size));
    case Op::kResolve:
        return outcome_of(space.resolve(address, Access(line.how)),
                          [](const Ref<Frame>& frame) { return frame->address().value; });
    case Op::kWrite: return write(space, line);
    case Op::kRead: return read(space, address);
    case Op::kTouch: return touch(space, line);
    case Op::kHeap: space.start_break(address); return 0;
    case Op::kBreak: return space.set_break(address).value;
    default: panic("memory_lab: a line that is none");
    }
}

}  // namespace

// What the host reads: the number of the line that is being run, what each line gave, and what the
// spaces are at a stop.
extern "C" {
u64 memory_lab_step;
u64 memory_lab_results[kMaxLines];
struct {
    u64 root, areas, area_count, resident;
} memory_lab_spaces[kSpaces];

[[gnu::noinline]] void memory_lab_stop() { asm volatile("" ::: "memory"); }
}

// Nobody else uses these spaces, so no lock is taken to look at them.
static void stop() NO_THREAD_SAFETY_ANALYSIS {
    for (unsigned i = 0; i < kSpaces; i++) {
        memory_lab_spaces[i] = {};
        if (!spaces[i]) continue;
        const AreaList& areas = spaces[i]->areas();
        memory_lab_spaces[i].root = spaces[i]->page_table().root_address().value;
        memory_lab_spaces[i].areas = reinterpret_cast<u64>(areas.begin());
        memory_lab_spaces[i].area_count = areas.size();
        memory_lab_spaces[i].resident = spaces[i]->resident_pages();
    }
    memory_lab_stop();
}

static u64 run_line(const Line& line) {
    switch (line.op) {
    case Op::kStop: stop(); return 0;
    case Op::kCreate: return create(line.space, AddressSpace::create());
    case Op::kDestroy: spaces[line.space] = nullptr; return 0;
    case Op::kBook:
    case Op::kShared: return make_source(line);
    case Op::kUseUp: use_up(line.value); return 0;
    case Op::kGiveBack: give_back(); return 0;
    default:
        return spaces[line.space] ? change_space(*spaces[line.space], line) : kFailed;
    }
}

KTEST(memory_lab_script) {
    const PhysRange script = machine().initrd;
    const auto* lines = linear_pointer<const Line>(script.start);
    const u64 count = min(script.size / sizeof(Line), u64{kMaxLines});
    for (u64 i = 0; i < count && lines[i].op != Op::kEnd; i++) {
        memory_lab_step = i;
        memory_lab_results[i] = run_line(lines[i]);
    }
    memory_lab_step = count;
    stop();
}
