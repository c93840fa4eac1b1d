// See initial_stack.h. From the top of the stack down:
//   the program's path, the strings of environment and arguments, 16 random bytes,
//   the auxiliary vector, a null, the environment's pointers, a null, the arguments' pointers, argc.
#include "process/initial_stack.h"

#include "process/random_source.h"

namespace {

constexpr u64 kHardwareCapabilities = 0x112d;  // I, M, A, F, D, C as bits of their letters
constexpr u64 kClockTicks = 100;
constexpr usize kRandomBytes = 16;

// Words that are collected here and then copied to the stack at once.
class WordList : Immovable {
  public:
    ~WordList() { heap_free(words_); }
    Result<void> reserve(usize count) {
        words_ = static_cast<u64*>(heap_allocate(count * sizeof(u64)));
        if (words_ == nullptr) return Errno{ENOMEM};
        return {};
    }
    void add(u64 word) { words_[count_++] = word; }
    void add_pair(u64 type, u64 value) { add(type), add(value); }
    // The addresses of `count` strings that stand one after the other in `text`; null at the end.
    // Returns the offset behind them.
    usize add_strings(ConstBytes text, usize from, usize count, VirtAddr at) {
        for (; count > 0; count--) {
            add(at.value + from);
            from += strlen(reinterpret_cast<const char*>(&text[from])) + 1;
        }
        add(0);
        return from;
    }
    const u64* data() const { return words_; }
    usize bytes() const { return count_ * sizeof(u64); }

  private:
    u64* words_ = nullptr;
    usize count_ = 0;
};

constexpr usize kAuxiliaryWords = 2 * 20;

void add_auxiliary_vector(WordList& words, const ElfImage& image, u64 interpreter_base,
                          VirtAddr random, VirtAddr path) {
    words.add_pair(AT_HWCAP, kHardwareCapabilities);
    words.add_pair(AT_PAGESZ, kPageSize);
    words.add_pair(AT_CLKTCK, kClockTicks);
    words.add_pair(AT_PHDR, image.headers_address());
    words.add_pair(AT_PHENT, sizeof(Elf64_Phdr));
    words.add_pair(AT_PHNUM, image.segment_count);
    words.add_pair(AT_BASE, interpreter_base);
    words.add_pair(AT_FLAGS, 0);
    words.add_pair(AT_ENTRY, image.entry());
    words.add_pair(AT_UID, 0);
    words.add_pair(AT_EUID, 0);
    words.add_pair(AT_GID, 0);
    words.add_pair(AT_EGID, 0);
    words.add_pair(AT_SECURE, 0);
    words.add_pair(AT_RANDOM, random.value);
    words.add_pair(AT_EXECFN, path.value);
    words.add_pair(AT_NULL, 0);
}

}  // namespace

// BEGIN SOLUTION(user.initial_stack)
Result<VirtAddr> build_initial_stack(AddressSpace& space, const ArgumentBlock& arguments,
                                     const ElfImage& image, u64 interpreter_base, StringView path) {
    ConstBytes text = arguments.text();
    VirtAddr path_at = VirtAddr(kStackTop) - align_up(path.size() + 1, 16);
    VirtAddr text_at = path_at - align_up(text.size(), 16);
    VirtAddr random_at = text_at - kRandomBytes;

    WordList words;
    TRY(words.reserve(arguments.argument_count() + arguments.environment_count() + 3 +
                      kAuxiliaryWords));
    words.add(arguments.argument_count());
    usize next = words.add_strings(text, 0, arguments.argument_count(), text_at);
    words.add_strings(text, next, arguments.environment_count(), text_at);
    add_auxiliary_vector(words, image, interpreter_base, random_at, path_at);
    VirtAddr stack_pointer(align_down(random_at.value - words.bytes(), 16));
    if (kStackTop - stack_pointer.value > kStackLimit / 4) return Errno{E2BIG};

    u8 random[kRandomBytes];
    fill_random(Bytes(random));
    TRY(space.copy_out(path_at, path.data(), path.size()));
    TRY(space.copy_out(text_at, text.data(), text.size()));
    TRY(space.copy_out(random_at, random, sizeof random));
    TRY(space.copy_out(stack_pointer, words.data(), words.bytes()));
    space.argument_start = text_at;
    space.argument_end = text_at + arguments.argument_bytes();
    space.environment_end = text_at + text.size();
    return stack_pointer;
}
// END SOLUTION
// STUB: Result<VirtAddr> build_initial_stack(AddressSpace&, const ArgumentBlock&, const ElfImage&,
// STUB:                                      u64, StringView) {
// STUB:     static_cast<void>(kAuxiliaryWords), static_cast<void>(add_auxiliary_vector);
// STUB:     panic("user.initial_stack: yours to write");
// STUB: }
