// Exercises 1 and 3: programs and their stacks, built in an address space that nobody runs.
#include "user_probe.h"

namespace {

constexpr u64 kBase = 0x2a'aaaa'a000;  // where exec puts what is position-independent

}  // namespace

// Maps the file `program` of the archive. Notes: the outcome of map(), the root of the page table,
// the entry, the end.
KTEST(userlab_load) {
    ElfImage image;
    image.read(archive_pager("program")).value();
    Ref<AddressSpace> space = AddressSpace::create().value();
    bool mapped = note_outcome(image.map(*space, kBase));
    if (mapped) bring_in_all(*space);
    note(space->page_table().root_address().value);
    note(image.entry());
    note(image.end());
    probe_done();
}

namespace {

// A random string of `size` letters.
void add_letters(ArgumentBlock& arguments, Random& random, u64 size) {
    static char text[1 << 17];
    for (u64 i = 0; i < size; i++) text[i] = static_cast<char>('a' + random.below(26));
    arguments.add(StringView(text, size)).value();
}

void add_strings(ArgumentBlock& arguments, Random& random, u64 count, u64 longest) {
    for (u64 i = 0; i < count; i++) {
        // Now and then a size at the edge of a page.
        u64 edge = kPageSize - 17 + random.below(20), any = random.below(longest);
        add_letters(arguments, random, random.below(4) == 0 ? edge : any);
    }
}

}  // namespace

// Builds the first stack of `program`. Notes: the outcome, the stack pointer, the root of the table,
// where the program's headers and entry are.
KTEST(userlab_stack) {
    Random random(input("seed_input"));
    ArgumentBlock arguments;
    add_strings(arguments, random, input("arguments"), input("longest"));
    arguments.end_arguments();
    add_strings(arguments, random, input("variables"), input("longest"));

    ElfImage image;
    image.read(archive_pager("program")).value();
    Ref<AddressSpace> space = AddressSpace::create().value();
    image.map(*space, kBase).value();
    VirtAddr bottom(kStackTop - kStackLimit);
    space
        ->map(bottom, kStackLimit, PROT_READ | PROT_WRITE, Sharing::kPrivate, nullptr, 0,
              AddressSpace::Placement::kNoReplace)
        .value();
    const u64 base = input("base");
    Result<VirtAddr> stack =
        build_initial_stack(*space, arguments, image, base, "/bin/the-program");
    note_outcome(stack);
    note(stack.ok() ? stack->value : 0);
    note(space->page_table().root_address().value);
    note(image.headers_address());
    note(image.entry());
    probe_done();
}
