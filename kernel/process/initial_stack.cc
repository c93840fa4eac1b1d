// The stack of a new program. See exec.h. From the top down:
//   the program's path, the strings of environment and arguments, 16 random bytes,
//   the auxiliary vector, a null, the environment's pointers, a null, the arguments' pointers, argc.
#include "process/exec.h"
#include "process/random_source.h"

namespace {

constexpr u64 kHardwareCapabilities = 0x112d;  // I, M, A, F, D, C as bits of their letters
constexpr u64 kClockTicks = 100;
constexpr usize kRandomBytes = 16;
constexpr usize kAuxiliaryWords = 2 * 20;

// The addresses of `count` strings, the first at offset `from` of the text, and a null. Returns the
// offset behind them.
usize add_pointers(Vector<u64>& words, Span<const char> text, usize from, usize count,
                   VirtAddr text_at) {
    for (; count > 0; count--) {
        words.add(text_at.value + from);
        from += strlen(&text[from]) + 1;
    }
    words.add(0);
    return from;
}

void add_auxiliary_vector(Vector<u64>& words, const ElfImage& image, u64 interpreter_base,
                          VirtAddr random, VirtAddr path) {
    const u64 pairs[] = {AT_HWCAP,  kHardwareCapabilities,
                         AT_PAGESZ, kPageSize,
                         AT_CLKTCK, kClockTicks,
                         AT_PHDR,   image.headers_address(),
                         AT_PHENT,  sizeof(Elf64_Phdr),
                         AT_PHNUM,  image.segment_count,
                         AT_BASE,   interpreter_base,
                         AT_FLAGS,  0,
                         AT_ENTRY,  image.entry(),
                         AT_UID,    0,
                         AT_EUID,   0,
                         AT_GID,    0,
                         AT_EGID,   0,
                         AT_SECURE, 0,
                         AT_RANDOM, random.value,
                         AT_EXECFN, path.value,
                         AT_NULL,   0};
    static_assert(sizeof pairs <= kAuxiliaryWords * sizeof(u64));
    for (u64 word : pairs) words.add(word);
}

}  // namespace

// BEGIN SOLUTION(user.initial_stack)
Result<VirtAddr> build_initial_stack(AddressSpace& space, const ArgumentBlock& arguments,
                                     const ElfImage& image, u64 interpreter_base, StringView path) {
    Span<const char> text = arguments.text();
    VirtAddr path_at = VirtAddr(kStackTop) - align_up(path.size() + 1, 16);
    VirtAddr text_at = path_at - align_up(text.size(), 16);
    VirtAddr random_at = text_at - kRandomBytes;

    Vector<u64> words;
    TRY(words.reserve(arguments.count() + 3 + kAuxiliaryWords));
    words.add(arguments.argument_count());
    usize next = add_pointers(words, text, 0, arguments.argument_count(), text_at);
    add_pointers(words, text, next, arguments.count() - arguments.argument_count(), text_at);
    add_auxiliary_vector(words, image, interpreter_base, random_at, path_at);
    usize size = words.size() * sizeof(u64);
    VirtAddr stack_pointer(align_down(random_at.value - size, 16));
    if (kStackTop - stack_pointer.value > kStackLimit / 4) return Errno{E2BIG};

    u8 random[kRandomBytes];
    fill_random(Bytes(random));
    TRY(space.copy_out(path_at, path.data(), path.size()));
    TRY(space.copy_out(text_at, text.data(), text.size()));
    TRY(space.copy_out(random_at, random, sizeof random));
    TRY(space.copy_out(stack_pointer, words.begin(), size));
    space.argument_start = text_at;
    space.argument_end = text_at + arguments.argument_bytes();
    space.environment_end = text_at + text.size();
    return stack_pointer;
}
// END SOLUTION
// STUB: Result<VirtAddr> build_initial_stack(AddressSpace&, const ArgumentBlock&, const ElfImage&,
// STUB:                                      u64, StringView) {
// STUB:     static_cast<void>(add_pointers), static_cast<void>(add_auxiliary_vector);
// STUB:     panic("user.initial_stack: yours to write");
// STUB: }
