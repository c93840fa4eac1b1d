// Reads the device tree into Machine. See machine.h.
#include "cpu/machine.h"

#include "cpu/cpu.h"
#include "cpu/layout.h"

namespace {

constinit Machine the_machine{};
constinit DeviceTree the_tree{};

void reserve(PhysRange range) {
    ASSERT(the_machine.reserved_count < kMaxMemoryRanges);
    the_machine.reserved[the_machine.reserved_count++] = range;
}

// Firmware lies between the start of RAM and the kernel, with the boot stage after it, which has
// done its work: what the device tree reserves of the two must stay, and the stage's first page.
void find_reserved_memory() {
    Span<PhysRange> room(the_machine.reserved.items);
    Result<usize> listed = the_tree.reserved(room);
    if (!listed.ok()) panic("cpu: the device tree's list of reserved memory cannot be read");
    the_machine.reserved_count = static_cast<unsigned>(*listed);
    PhysAddr start = physical_address(kernel_start);
    reserve({start, physical_address(kernel_end) - start});
    reserve({physical_address(boot_stage), kPageSize});  // stops harts that lose their way
    reserve({physical_address(the_tree.blob().data()), the_tree.blob().size()});
    the_machine.initrd = the_tree.initrd().value_or(PhysRange{});
    if (the_machine.initrd.size != 0) reserve(the_machine.initrd);
}

// The extensions of the first hart's "riscv,isa", as in rv64imafdch_zicsr_sstc.
bool isa_lists(StringView extension) {
    StringView isa = the_tree.find("/cpus/cpu").property("riscv,isa").string();
    for (usize at = isa.find('_'); at != StringView::kNone; at = isa.find('_', at + 1)) {
        StringView rest = isa.sub(at + 1);
        if (rest.first(rest.find('_')) == extension) return true;
    }
    return false;
}

}  // namespace

const Machine& machine() { return the_machine; }
const DeviceTree& device_tree() { return the_tree; }

void read_machine(PhysAddr blob) {
    Result<DeviceTree> tree = DeviceTree::open(linear_pointer(blob));
    if (!tree.ok()) panic("cpu: no device tree at %#lx", blob.value);
    the_tree = *tree;
    Span<PhysRange> room(the_machine.memory.items);
    the_machine.memory_count = static_cast<unsigned>(the_tree.memory(room).value_or(0));
    if (the_machine.memory_count == 0) panic("cpu: the device tree lists no memory");
    find_reserved_memory();
    the_machine.timebase_frequency = the_tree.timebase_frequency().value_or(0);
    the_machine.has_sstc = isa_lists("sstc");
}

StringView boot_option(StringView name, StringView fallback) {
    StringView words = the_tree.bootargs();
    while (!words.empty()) {
        usize blank = words.find(' ');
        StringView word = words.first(blank);
        if (word.starts_with(name) && word.size() > name.size() && word[name.size()] == '=') {
            return word.sub(name.size() + 1);
        }
        words = blank == StringView::kNone ? StringView() : words.sub(blank + 1);
    }
    return fallback;
}
