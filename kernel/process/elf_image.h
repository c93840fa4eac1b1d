// Programs as ELF files: checks one and maps its segments into an address space. Used by exec.
// Reference: System V ABI, "Program Loading"; RISC-V ELF psABI.
#pragma once
#include "abi/elf.h"
#include "process/address_space.h"

struct ElfImage {
    Ref<Pager> pager;
    Elf64_Ehdr header{};
    Array<Elf64_Phdr, 32> segments{};
    unsigned segment_count = 0;
    u64 bias = 0;  // what map() has added to the addresses in the file

    // Reads and checks the headers. ENOEXEC where this is no program for this machine, EIO.
    Result<void> read(Ref<Pager> from);
    // Maps the loadable segments; a position-independent image at `base` or above. On failure the
    // space holds part of them: the caller throws it away. ENOEXEC, ENOMEM.
    Result<void> map(AddressSpace& space, u64 base);

    Span<const Elf64_Phdr> all_segments() const { return {segments.items, segment_count}; }
    bool is_position_independent() const { return header.e_type == ET_DYN; }
    u64 entry() const { return header.e_entry + bias; }
    // Where the program headers lie once mapped, or 0.
    u64 headers_address() const;
    u64 end() const;  // first address above all segments
    // The path of the dynamic linker in `to`, empty where the program names none. ENOEXEC.
    Result<StringView> interpreter(Span<char> to) const;
};

// Reads bytes of an object through its pages. Bytes beyond its end are EFAULT, or zero in its last
// page.
Result<void> read_pages(Pager& pager, u64 offset, void* to, usize size);
