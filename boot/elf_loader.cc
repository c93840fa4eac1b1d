// Judging and loading an ELF file; see elf_loader.h. Sums of two numbers from the file are never
// formed, because they may wrap around: offset 0xffffffffffff1000 plus size 0x2000 is 0x1000, which
// looks harmless. Each such check compares one number with what the other leaves.
#include "elf_loader.h"

#include "base/format.h"
#include "base/string.h"

namespace {

// Writes the sentence and returns false, so that a check is one statement.
[[gnu::format(printf, 2, 3)]] bool refuse(Refusal& refusal, const char* text, ...) {
    va_list args;
    va_start(args, text);
    format_into_list(refusal.sentence, sizeof refusal.sentence, text, args);
    va_end(args);
    return false;
}

// For all that is wrong with a segment's place in memory.
bool refuse_place(Refusal& refusal, const Segment& segment, const char* what) {
    return refuse(refusal, "segment %u: 0x%lx bytes at 0x%lx %s", segment.header,
                  segment.memory.size, segment.memory.start.value, what);
}

// Headers are copied out of the file, where they may stand at any address.
template <typename Header>
Header read_header(ConstBytes file, u64 offset) {
    Header header;
    memcpy(&header, file.data() + offset, sizeof header);
    return header;
}

// The file is an ELF file of our kind, and its program headers are inside it.
bool check_header(ConstBytes file, Refusal& refusal) {
    // BEGIN SOLUTION(boot.validate_header)
    if (file.size() < sizeof(Elf64_Ehdr)) {
        return refuse(refusal, "the file has %lu bytes, too few for an ELF header", file.size());
    }
    const auto elf = read_header<Elf64_Ehdr>(file, 0);
    const u8* id = elf.e_ident;
    if (memcmp(id, ELFMAG, SELFMAG) != 0) {
        return refuse(refusal, "the file is not ELF: it starts with %02x %02x %02x %02x", id[0],
                      id[1], id[2], id[3]);
    }
    const struct {
        const char* name;
        unsigned found, wanted;
        const char* meaning;
    } fields[] = {
        {"class", id[EI_CLASS], ELFCLASS64, "64-bit"},
        {"byte order", id[EI_DATA], ELFDATA2LSB, "little endian"},
        {"version in the identification", id[EI_VERSION], EV_CURRENT, "current"},
        {"type", elf.e_type, ET_EXEC, "executable"},
        {"machine", elf.e_machine, EM_RISCV, "RISC-V"},
        {"version", elf.e_version, EV_CURRENT, "current"},
        {"size of the ELF header", elf.e_ehsize, sizeof(Elf64_Ehdr), "ELF64"},
        {"size of a program header", elf.e_phentsize, sizeof(Elf64_Phdr), "ELF64"},
    };
    for (const auto& field : fields) {
        if (field.found != field.wanted) {
            return refuse(refusal, "the %s is %u, not %u (%s)", field.name, field.found,
                          field.wanted, field.meaning);
        }
    }
    if (elf.e_phnum > kMaxProgramHeaders) {
        return refuse(refusal, "the file has %u program headers, more than %u", elf.e_phnum,
                      kMaxProgramHeaders);
    }
    if (elf.e_phoff > file.size() || elf.e_phnum * sizeof(Elf64_Phdr) > file.size() - elf.e_phoff) {
        return refuse(refusal, "%u program headers at file offset 0x%lx are not inside the file",
                      elf.e_phnum, elf.e_phoff);
    }
    return true;
    // END SOLUTION
    // STUB: panic("boot.validate_header: yours to write");
}

// The segment's bytes are inside the file, and its sizes and alignment make sense.
bool check_contents(ConstBytes file, unsigned index, const Elf64_Phdr& header, Refusal& refusal) {
    // BEGIN SOLUTION(boot.validate_contents)
    if (header.p_offset > file.size()) {
        return refuse(refusal, "segment %u: file offset 0x%lx is outside the file", index,
                      header.p_offset);
    }
    if (header.p_filesz > file.size() - header.p_offset) {
        return refuse(refusal,
                      "segment %u: 0x%lx bytes at file offset 0x%lx go past the end of "
                      "the file",
                      index, header.p_filesz, header.p_offset);
    }
    if (header.p_filesz > header.p_memsz) {
        return refuse(refusal,
                      "segment %u: 0x%lx bytes in the file do not fit into 0x%lx in memory", index,
                      header.p_filesz, header.p_memsz);
    }
    const u64 alignment = max<u64>(header.p_align, 1);  // 0 and 1 both mean "any address"
    if (!is_power_of_two(alignment)) {
        return refuse(refusal, "segment %u: alignment 0x%lx is not a power of two", index,
                      alignment);
    }
    // Else a page of memory would not be a page of the file.
    if ((header.p_vaddr ^ header.p_offset) % alignment != 0 ||
        (header.p_vaddr ^ header.p_paddr) % alignment != 0) {
        return refuse(refusal,
                      "segment %u: file offset 0x%lx, virtual address 0x%lx and physical "
                      "address 0x%lx differ modulo 0x%lx",
                      index, header.p_offset, header.p_vaddr, header.p_paddr, alignment);
    }
    return true;
    // END SOLUTION
    // STUB: panic("boot.validate_contents: yours to write");
}

// The segment's memory is RAM, and nobody else's: nor that of the segments in `plan` so far.
bool check_place(const Segment& segment, const MemoryMap& map, const LoadPlan& plan,
                 Refusal& refusal) {
    // BEGIN SOLUTION(boot.validate_place)
    u64 end;
    if (!add_fits(segment.linked.value, segment.memory.size - 1, end)) {
        return refuse(refusal, "segment %u: 0x%lx bytes at virtual address 0x%lx wrap around",
                      segment.header, segment.memory.size, segment.linked.value);
    }
    bool inside = false;
    for (const PhysRange& ram : map.ram) {
        inside = inside || ram.covers(segment.memory);
    }
    if (!inside) {
        return refuse_place(refusal, segment, "are not inside RAM");
    }
    char what[48];
    for (const Occupied& occupied : map.occupied) {
        if (occupied.range.overlaps(segment.memory)) {
            format_into(what, sizeof what, "overlap %s", occupied.owner);
            return refuse_place(refusal, segment, what);
        }
    }
    for (unsigned i = 0; i < plan.count; i++) {
        if (plan.segments[i].memory.overlaps(segment.memory)) {
            format_into(what, sizeof what, "overlap segment %u", plan.segments[i].header);
            return refuse_place(refusal, segment, what);
        }
    }
    return true;
    // END SOLUTION
    // STUB: panic("boot.validate_place: yours to write");
}

// The entry is in an executable segment; plan.entry becomes its physical address.
bool check_entry(VirtAddr entry, LoadPlan& plan, Refusal& refusal) {
    // BEGIN SOLUTION(boot.validate_entry)
    for (unsigned i = 0; i < plan.count; i++) {
        const Segment& segment = plan.segments[i];
        if (entry - segment.linked >= segment.memory.size) {
            continue;
        }
        if ((segment.flags & PF_X) == 0) {
            return refuse(refusal, "the entry 0x%lx is in segment %u, which is not executable",
                          entry.value, segment.header);
        }
        plan.entry = segment.memory.start + (entry - segment.linked);
        if (!plan.entry.is_aligned(2)) {
            return refuse(refusal, "the entry 0x%lx is at an odd address", entry.value);
        }
        return true;
    }
    return refuse(refusal, "the entry 0x%lx is in no segment", entry.value);
    // END SOLUTION
    // STUB: panic("boot.validate_entry: yours to write");
}

}  // namespace

bool elf_validate(ConstBytes file, const MemoryMap& map, LoadPlan& plan, Refusal& refusal) {
    plan.count = 0;
    if (!check_header(file, refusal)) {
        return false;
    }
    const auto elf = read_header<Elf64_Ehdr>(file, 0);
    for (unsigned i = 0; i < elf.e_phnum; i++) {
        const auto header = read_header<Elf64_Phdr>(file, elf.e_phoff + i * sizeof(Elf64_Phdr));
        if (header.p_type != PT_LOAD) {
            continue;
        }
        if (!check_contents(file, i, header, refusal)) {
            return false;
        }
        const Segment segment{i,
                              header.p_offset,
                              header.p_filesz,
                              VirtAddr(header.p_vaddr),
                              {PhysAddr(header.p_paddr), header.p_memsz},
                              header.p_flags};
        if (segment.memory.size == 0) {
            continue;
        }
        if (!check_place(segment, map, plan, refusal)) {
            return false;
        }
        ASSERT(plan.count < kMaxProgramHeaders);
        plan.segments[plan.count++] = segment;
    }
    return check_entry(VirtAddr(elf.e_entry), plan, refusal);
}

void load_segment(ConstBytes file, const Segment& segment, u8* to) {
    // BEGIN SOLUTION(boot.load_segment)
    memcpy(to, file.data() + segment.offset, segment.file_size);
    memset(to + segment.file_size, 0, segment.memory.size - segment.file_size);
    // END SOLUTION
    // STUB: panic("boot.load_segment: yours to write");
}
