// The kernel's side of the tests of lab `paging`: runs a script that the host wrote, on page tables
// of its own, and notes what came of each line for the host to read from memory. The script lies
// where an initial file system would (QEMU's -initrd). `ktest=paging_lab_script` starts it;
// paging_lab_stop() is where the host has its breakpoint. The host's side is tests/paging_host.py.
#include "base/ktest.h"
#include "cpu/hart.h"
#include "cpu/machine.h"
#include "cpu/trap.h"
#include "mm/kernel_stack.h"
#include "mm/page_table.h"

namespace {

enum class Op : u8 {
    kEnd,
    kStop,         // lets the host look
    kCreate,       // table `t` = a new one; gives its root
    kDestroy,      // table `t` goes
    kWalk,         // the entry for `va` at `level`: its address, or 0
    kSet,          // the same walk, and `value` becomes the entry
    kMap,          // va to `value` with `flags`: an error number, or 0
    kUnmap,        // va: the entry that was there
    kProtect,      // va, `flags`: an error number, or the entry that was there
    kFrames,       // slot `value` = a block of 2^level frames; gives its address
    kFill,         // the frame in slot `level` is filled with `value`
    kDirty,        // fills `value` free frames with ones and gives them back
    kUseUp,        // takes all free frames
    kGiveBack,     // gives them back
    kSwitch,       // switch_satp to table `t`, or the kernel's, with ASID `value`
    kFlushPage,    // va, ASID `value`
    kFlushGlobal,  // va
    kFlushAsid,    // ASID `value`
    kLoad,         // the word at va, or the cause of the fault
    kStore,        // `value` to va; 0, or the cause of the fault
    kJump,         // calls va, where a `ret` may be; 0, or the cause of the fault
    kStack,        // a kernel stack; gives its top
    kMapSlot,      // va to the frame in slot `value` with `flags`: an error number, or 0
};

// As the host packs it.
struct Line {
    Op op;
    u8 t;
    u8 level;
    u8 allocate;
    u32 flags;
    u64 va;
    u64 value;
};
static_assert(sizeof(Line) == 24);

constexpr usize kMaxLines = 16384;
constexpr unsigned kTables = 8;
constexpr unsigned kKernelTable = kTables;
constexpr unsigned kSlots = 64;
constexpr u64 kFaulted = u64{1} << 63;  // in what a line gives: with the cause below

Owned<PageTable> tables[kTables];
Frame* slots[kSlots];
Frame* used_up;

u64 fault_cause;

// An access that faults goes on at the return address of the function that made it.
bool note_fault(TrapFrame& frame) {
    if (frame.scause != kLoadPageFault && frame.scause != kStorePageFault &&
        frame.scause != kInstructionPageFault) {
        return false;
    }
    fault_cause = frame.scause | kFaulted;
    frame.sepc = frame.ra;
    return true;
}

[[gnu::noinline, gnu::naked]] u64 load_from(u64) { asm volatile("ld a0, 0(a0)\n ret"); }
[[gnu::noinline, gnu::naked]] u64 store_to(u64, u64) {
    asm volatile("sd a1, 0(a0)\n li a0, 0\n ret");
}
// a1 becomes 0 before the jump, which then is the only thing that can fault.
[[gnu::noinline, gnu::naked]] u64 jump_to(u64) { asm volatile("mv t0, a0\n li a0, 0\n jr t0"); }

u64 access(Op op, u64 va, u64 value) {
    InterruptsOff off;
    auto old_hook = exchange(trap_hooks.kernel_exception, note_fault);
    fault_cause = 0;
    u64 result = op == Op::kLoad    ? load_from(va)
                 : op == Op::kStore ? store_to(va, value)
                                    : jump_to(va);
    trap_hooks.kernel_exception = old_hook;
    return fault_cause != 0 ? fault_cause : result;
}

void use_up() {
    for (;;) {
        Result<Ref<Frame>> frame = allocate_frame(FrameFill::kNone);
        if (!frame.ok()) return;
        frame->get()->next = exchange(used_up, frame->get());
        static_cast<void>(frame->leak());
    }
}

void give_back() {
    while (used_up != nullptr) exchange(used_up, used_up->next)->release();
}

void dirty(u64 count) {
    Frame* chain = nullptr;
    for (u64 i = 0; i < count; i++) {
        Frame* frame = allocate_frame(FrameFill::kNone).value().leak();
        memset(frame->data(), 0xff, kPageSize);
        frame->next = exchange(chain, frame);
    }
    while (chain != nullptr) exchange(chain, chain->next)->release();
}

u64 create(Owned<PageTable>& place) {
    Result<Owned<PageTable>> table = PageTable::create();
    if (!table.ok()) return 0;
    place = move(table).value();
    return place->root_address().value;
}

Pte* walk(PageTable& table, const Line& line) {
    return table.walk(VirtAddr(line.va), line.allocate != 0 ? Walk::kAllocate : Walk::kLookup,
                      line.level);
}

}  // namespace

// What the host reads: the number of the line that is being run, and what each line gave.
extern "C" {
u64 paging_lab_step;
u64 paging_lab_results[kMaxLines];

[[gnu::noinline]] void paging_lab_stop() { asm volatile("" ::: "memory"); }

// What is called where code, a constant or a variable lies: `ret`, as a word of two instructions.
[[gnu::noinline, gnu::naked]] void paging_lab_return() { asm volatile("ret"); }
extern const u64 paging_lab_constant;
const u64 paging_lab_constant = 0x0000'8067'0000'8067;
u64 paging_lab_variable = 0x0000'8067'0000'8067;

// Out of line, so that the host can look at the instruction that each comes to.
[[gnu::noinline]] void paging_lab_flush_page(u64 va, u64 asid) { flush_page(VirtAddr(va), asid); }
[[gnu::noinline]] void paging_lab_flush_global(u64 va) { flush_global_page(VirtAddr(va)); }
[[gnu::noinline]] void paging_lab_flush_asid(u64 asid) { flush_asid(asid); }
}

static u64 change_table(PageTable& table, const Line& line) {
    const VirtAddr va(line.va);
    switch (line.op) {
    case Op::kWalk: {
        Pte* pte = walk(table, line);
        return pte == nullptr ? 0 : physical_address(pte).value;
    }
    case Op::kSet: {
        Pte* pte = walk(table, line);
        if (pte != nullptr) pte->set(Pte{line.value});
        return pte == nullptr;
    }
    case Op::kMap:
        return static_cast<u64>(table.map(va, PhysAddr(line.value), line.flags).error().number);
    case Op::kMapSlot: {
        const PhysAddr to = slots[line.value]->address();
        return static_cast<u64>(table.map(va, to, line.flags).error().number);
    }
    case Op::kUnmap: return table.unmap(va).bits;
    case Op::kProtect: {
        Result<Pte> old = table.protect(va, line.flags);
        return old.ok() ? old->bits : static_cast<u64>(old.error().number);
    }
    default: switch_satp(table.root_address(), line.value); return 0;
    }
}

static u64 change_memory(const Line& line) {
    switch (line.op) {
    case Op::kFrames: {
        Frame* block = slots[line.value] = allocate_frames(line.level, FrameUse::kUser);
        return block == nullptr ? 0 : block->address().value;
    }
    case Op::kFill: {
        u64* words = linear_pointer<u64>(slots[line.level]->address());
        for (unsigned i = 0; i < kPageSize / sizeof(u64); i++) words[i] = line.value;
        return 0;
    }
    case Op::kDirty: dirty(line.value); return 0;
    case Op::kUseUp: use_up(); return 0;
    case Op::kGiveBack: give_back(); return 0;
    default: return map_kernel_stack().value_or(0);
    }
}

static u64 run_line(const Line& line) {
    switch (line.op) {
    case Op::kStop: paging_lab_stop(); return 0;
    case Op::kCreate: return create(tables[line.t]);
    case Op::kDestroy: tables[line.t].reset(); return 0;
    case Op::kFlushPage: paging_lab_flush_page(line.va, line.value); return 0;
    case Op::kFlushGlobal: paging_lab_flush_global(line.va); return 0;
    case Op::kFlushAsid: paging_lab_flush_asid(line.value); return 0;
    case Op::kLoad:
    case Op::kStore:
    case Op::kJump: return access(line.op, line.va, line.value);
    case Op::kFrames:
    case Op::kFill:
    case Op::kDirty:
    case Op::kUseUp:
    case Op::kGiveBack:
    case Op::kStack: return change_memory(line);
    default:
        return change_table(line.t == kKernelTable ? kernel_page_table() : *tables[line.t], line);
    }
}

KTEST(paging_lab_script) {
    paging_lab_return();
    asm volatile("" ::"r"(&paging_lab_constant), "r"(&paging_lab_variable));  // both are linked
    const PhysRange script = machine().initrd;
    const auto* lines = linear_pointer<const Line>(script.start);
    const u64 count = min(script.size / sizeof(Line), u64{kMaxLines});
    for (u64 i = 0; i < count && lines[i].op != Op::kEnd; i++) {
        paging_lab_step = i;
        paging_lab_results[i] = run_line(lines[i]);
    }
    paging_lab_step = count;
    paging_lab_stop();
}
