// What a program finds on its stack when it starts: argc, argv, envp, the auxiliary vector, and the
// strings they point to. Reference: RISC-V ELF psABI, "Process Initialization"; getauxval(3).
#pragma once
#include "process/argument_block.h"
#include "process/elf_image.h"

// Builds it at the top of the new space's stack, which is mapped. `interpreter_base` is 0 without a
// dynamic linker; `path` is the name of the program as exec got it. Returns the stack pointer,
// aligned to 16 bytes. E2BIG, ENOMEM.
Result<VirtAddr> build_initial_stack(AddressSpace& space, const ArgumentBlock& arguments,
                                     const ElfImage& image, u64 interpreter_base, StringView path);
