// exec: the current process becomes another program. Between the old address space and the new one
// the strings that it passes on are kept in kernel memory.
#pragma once
#include "base/vector.h"
#include "process/elf_image.h"
#include "process/user_memory.h"

// Strings, each with its NUL, one after the other: arguments first, then the environment.
class ArgumentBlock : Immovable {
  public:
    Result<void> add(StringView text);  // ENOMEM
    // Adds the strings that a NULL-terminated array of user pointers names (a null array has
    // none). E2BIG, EFAULT, ENOMEM.
    Result<void> add_all(UserAddress array);
    // What is added from now on is environment.
    void end_arguments() { arguments_ = count_, argument_bytes_ = text_.size(); }
    // Puts a string before the arguments, or drops the first one, once they are complete.
    Result<void> prepend(StringView text);
    void drop_first();

    usize count() const { return count_; }
    usize argument_count() const { return arguments_; }
    // The bytes of text() that are arguments.
    usize argument_bytes() const { return argument_bytes_; }
    Span<const char> text() const { return {text_.begin(), text_.size()}; }

  private:
    Result<void> insert(usize at, StringView text);
    Result<void> add_user_string(UserAddress address);

    Vector<char> text_;
    usize count_ = 0, arguments_ = 0, argument_bytes_ = 0;
};

// The file of a program as a source of pages. ENOENT, EACCES, ENOMEM.
Result<Ref<Pager>> open_program(StringView path);

// Replaces memory and registers of the current process by those of the program in `pager`, which is
// at `path`, or of the interpreter that its first line names after "#!". On success the caller returns
// to user mode at the new program's entry; on failure the process is as it was. ENOENT, EACCES,
// ENOEXEC, E2BIG, ENOMEM, ELOOP, EIO.
Result<void> execute(Ref<Pager> pager, StringView path, ArgumentBlock& arguments);

// What a program finds on its stack when it starts: argc, argv, envp, the auxiliary vector, and the
// strings they point to. `interpreter_base` is 0 without a dynamic linker; `path` is the name of the
// program as exec got it. The stack is mapped. Returns the stack pointer, aligned to 16 bytes.
// E2BIG, ENOMEM. Reference: RISC-V ELF psABI, "Process Initialization"; getauxval(3).
Result<VirtAddr> build_initial_stack(AddressSpace& space, const ArgumentBlock& arguments,
                                     const ElfImage& image, u64 interpreter_base, StringView path);
