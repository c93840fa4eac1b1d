// libFuzzer target: any bytes as an ELF file, on a machine with two pieces of RAM. Whatever the
// loader accepts is judged again here, from the file itself and in 128-bit arithmetic, where nothing
// wraps around; then it is loaded, under the address sanitizer. The corpus starts from nothing, so a
// mutator plants a sound header most of the time: otherwise few inputs get past the first checks.
#include <string.h>

#include <algorithm>
#include <vector>

#include "check.h"
#include "elf_loader.h"

extern "C" size_t LLVMFuzzerMutate(u8* data, size_t size, size_t max_size);

namespace {

using Wide = unsigned __int128;

// Small, so that what is accepted can be loaded for real.
constexpr PhysRange kRam[] = {{PhysAddr(0x80000000), 0x40000}, {PhysAddr(0x100000000), 0x10000}};
constexpr Occupied kTaken[] = {{{PhysAddr(0x80000000), 0x8000}, "OpenSBI"},
                               {{PhysAddr(0x80030000), 0x1000}, "the device tree"},
                               {{PhysAddr(0x80020000), 0}, "the initrd"}};

#define MUST(condition)                                                                            \
    if (!(condition)) {                                                                            \
        panic("accepted, although not: %s\n", #condition);                                         \
    }

struct Range {
    Wide start, end;
    bool inside(Range outer) const { return start >= outer.start && end <= outer.end; }
    bool meets(Range other) const { return start < other.end && other.start < end; }
};

Range range(PhysRange r) {
    return {r.start.value, Wide{r.start.value} + r.size};
}

template <typename T>
T take(const std::vector<u8>& file, size_t offset) {
    T value;
    memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

Elf64_Ehdr judge_header(const std::vector<u8>& file) {
    MUST(file.size() >= 64);
    auto elf = take<Elf64_Ehdr>(file, 0);
    MUST(memcmp(elf.e_ident,
                "\x7f"
                "ELF\2\1\1",
                7) == 0);
    MUST(elf.e_type == 2 && elf.e_machine == 243 && elf.e_version == 1);
    MUST(elf.e_ehsize == 64 && elf.e_phentsize == 56 && elf.e_phnum <= 32);
    MUST(Wide{elf.e_phoff} + Wide{56} * elf.e_phnum <= file.size());
    return elf;
}

void judge_segment(const std::vector<u8>& file, const Elf64_Phdr& p, const Segment& segment) {
    Range place{p.p_paddr, Wide{p.p_paddr} + p.p_memsz};
    MUST(segment.memory.start.value == p.p_paddr && segment.memory.size == p.p_memsz);
    MUST(segment.linked.value == p.p_vaddr && segment.flags == p.p_flags);
    MUST(segment.offset == p.p_offset && segment.file_size == p.p_filesz);
    MUST(Wide{p.p_offset} + p.p_filesz <= file.size() && p.p_filesz <= p.p_memsz);
    MUST(Wide{p.p_vaddr} + p.p_memsz <= Wide{1} << 64);
    MUST(place.inside(range(kRam[0])) || place.inside(range(kRam[1])));
    for (const Occupied& taken : kTaken) {
        MUST(taken.range.size == 0 || !place.meets(range(taken.range)));
    }
    if (p.p_align > 1) {
        MUST(__builtin_popcountll(p.p_align) == 1);
        MUST(p.p_vaddr % p.p_align == p.p_offset % p.p_align);
        MUST(p.p_vaddr % p.p_align == p.p_paddr % p.p_align);
    }
}

void judge_plan(const std::vector<u8>& file, const LoadPlan& plan) {
    auto elf = judge_header(file);
    unsigned loads = 0;
    bool entered = false;
    for (unsigned i = 0; i < elf.e_phnum; i++) {
        auto p = take<Elf64_Phdr>(file, elf.e_phoff + 56 * i);
        if (p.p_type != 1 || p.p_memsz == 0) {
            continue;
        }
        MUST(loads < plan.count);
        const Segment& segment = plan.segments[loads];
        MUST(segment.header == i);
        judge_segment(file, p, segment);
        for (unsigned j = 0; j < loads; j++) {
            MUST(!range(plan.segments[j].memory).meets(range(segment.memory)));
        }
        Wide entry = Wide{plan.entry.value} - p.p_paddr + p.p_vaddr;
        entered = entered || ((p.p_flags & 1) != 0 && plan.entry >= segment.memory.start &&
                              plan.entry < segment.memory.end() && entry == elf.e_entry);
        loads++;
    }
    MUST(loads == plan.count && entered && plan.entry.value % 2 == 0);
}

void judge_loading(const std::vector<u8>& file, const Segment& segment) {
    std::vector<u8> memory(segment.memory.size, 0xa5);
    load_segment({file.data(), file.size()}, segment, memory.data());
    MUST(memcmp(memory.data(), file.data() + segment.offset, segment.file_size) == 0);
    MUST(std::all_of(memory.begin() + static_cast<long>(segment.file_size), memory.end(),
                     [](u8 byte) { return byte == 0; }));
}

// A sound header with up to four program headers, of which each field is what the input says, or
// near what would pass.
void plant_headers(u8* data, size_t size, unsigned seed) {
    Elf64_Ehdr elf{};
    memcpy(elf.e_ident,
           "\x7f"
           "ELF\2\1\1",
           7);
    elf.e_type = 2, elf.e_machine = 243, elf.e_version = 1, elf.e_phoff = 64;
    elf.e_ehsize = 64, elf.e_phentsize = 56;
    elf.e_phnum = static_cast<u16>(std::min<size_t>((size - 64) / 56, 1 + seed % 4));
    elf.e_entry = 0xffffffc080010000 + seed % 8;
    memcpy(data, &elf, sizeof elf);
    for (unsigned i = 0; i < elf.e_phnum; i++) {
        Elf64_Phdr p{};
        p.p_type = 1, p.p_flags = 5 + (seed >> 3) % 3, p.p_offset = (seed >> 4) % 256 * i;
        p.p_paddr = 0x80010000 + 0x4000 * i + p.p_offset;
        p.p_vaddr = p.p_paddr + 0xffffffc000000000;
        p.p_filesz = (size - 64) / (2 + seed % 5), p.p_memsz = p.p_filesz + (seed >> 5) % 4096;
        p.p_align = u64{1} << (seed >> 7) % 9;
        memcpy(data + 64 + 56 * i, &p, sizeof p);
    }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(u8* data, size_t size, size_t max_size, unsigned seed) {
    if (size < 240 && max_size >= 512 && seed % 3 != 0) {
        memset(data + size, 0, 512 - size);
        size = 512;
    }
    if (size >= 240 && seed % 16 == 1) {
        plant_headers(data, size, seed >> 4);
    }
    return LLVMFuzzerMutate(data, size, max_size);
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
    std::vector<u8> file(data, data + size);
    LoadPlan plan;
    Refusal refusal;
    if (elf_validate({file.data(), file.size()}, {kRam, kTaken}, plan, refusal)) {
        judge_plan(file, plan);
        for (const Segment& segment : Span(plan.segments, plan.count)) {
            judge_loading(file, segment);
        }
    } else {
        size_t length = strlen(refusal.sentence);
        if (length == 0 || length >= sizeof refusal.sentence - 1) {
            panic("refused without a whole sentence: %s\n", refusal.sentence);
        }
    }
    return 0;
}
