// The loader's logic: judges an ELF file against the machine's memory, and copies its segments.
// No hardware here: the same source runs in the boot stage, in host tests and under the fuzzer.
// elf_validate() believes nothing that the file says; load_segment() relies on it.
// Reference: System V ABI (gABI), "Object Files" and "Program Loading"; docs/boot.md.
#pragma once
#include "abi/elf.h"
#include "base/address.h"
#include "base/device_tree.h"
#include "base/span.h"

inline constexpr unsigned kMaxProgramHeaders = 32;

// Memory that a segment must not touch, and whose it is: "OpenSBI", "the initrd", …
struct Occupied {
    PhysRange range;
    const char* owner = nullptr;
};

struct MemoryMap {
    Span<const PhysRange> ram;
    Span<const Occupied> occupied;
};

// One PT_LOAD with something in it, checked.
struct Segment {
    unsigned header = 0;  // its place among the program headers, from 0
    u64 offset = 0;       // in the file
    u64 file_size = 0;    // so many bytes come from the file, the rest of `memory` is zeroes
    VirtAddr linked;      // where the code in it believes to be
    PhysRange memory;     // where it goes
    u32 flags = 0;        // PF_R, PF_W, PF_X
};

struct LoadPlan {
    Segment segments[kMaxProgramHeaders];
    unsigned count = 0;
    PhysAddr entry;  // e_entry, translated through its segment
};

// Why a file is not loaded: one sentence without its end, as it appears after "boot: ".
struct Refusal {
    char sentence[160] = "";
};

// Fills in `plan`, or says in `refusal` what is wrong first and returns false. In the order of
// the checks: the ELF header, each program header in turn, the entry.
bool elf_validate(ConstBytes file, const MemoryMap& map, LoadPlan& plan, Refusal& refusal);

// Copies the segment's bytes to `to` (its memory) and zeroes what the file does not fill.
void load_segment(ConstBytes file, const Segment& segment, u8* to);
