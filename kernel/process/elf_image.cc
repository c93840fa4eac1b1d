// See elf_image.h.
#include "process/elf_image.h"

Result<void> read_pages(Pager& pager, u64 offset, void* to, usize size) {
    u8* bytes = static_cast<u8*>(to);
    while (size > 0) {
        Ref<Frame> frame = TRY(pager.page(offset / kPageSize, Access::kRead));
        usize start = offset % kPageSize;
        usize count = min(size, kPageSize - start);
        memcpy(bytes, frame->data() + start, count);
        bytes += count, offset += count, size -= count;
    }
    return {};
}

namespace {

bool is_program(const Elf64_Ehdr& header) {
    return memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
           header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_machine == EM_RISCV &&
           (header.e_type == ET_EXEC || header.e_type == ET_DYN) &&
           header.e_phentsize == sizeof(Elf64_Phdr) && header.e_phnum != 0;
}

// A failed read of a header means that the file is too short to be a program.
Result<void> read_header_part(Pager& pager, u64 offset, void* to, usize size) {
    Result<void> read = read_pages(pager, offset, to, size);
    if (!read.ok() && read.error().number == EFAULT) return Errno{ENOEXEC};
    return read;
}

// Whether the segment lies in user space and file and memory agree about page borders.
bool is_loadable(const Elf64_Phdr& segment, u64 bias) {
    u64 start, end;
    return segment.p_filesz <= segment.p_memsz && add_fits(segment.p_vaddr, bias, start) &&
           add_fits(start, segment.p_memsz, end) && start >= kMmapMinimum && end <= kMmapTop &&
           segment.p_offset % kPageSize == segment.p_vaddr % kPageSize &&
           segment.p_offset <= u64{1} << 40;
}

u32 protection_of(const Elf64_Phdr& segment) {
    return ((segment.p_flags & PF_R) != 0 ? PROT_READ : 0) |
           ((segment.p_flags & PF_W) != 0 ? PROT_WRITE : 0) |
           ((segment.p_flags & PF_X) != 0 ? PROT_EXEC : 0);
}

// BEGIN SOLUTION(user.load_segment)
// The file's part, then what the program wants as zeroes: the rest of the last page of the file's
// part, and whole pages after it.
Result<void> map_segment(AddressSpace& space, const Ref<Pager>& pager, const Elf64_Phdr& segment,
                         u64 bias) {
    VirtAddr start(segment.p_vaddr + bias);
    VirtAddr file_end = start + segment.p_filesz, end = start + segment.p_memsz;
    VirtAddr zero_start = segment.p_filesz == 0 ? start.page_down() : file_end.page_up();
    u32 protection = protection_of(segment);
    if (segment.p_filesz > 0) {
        u64 page = (segment.p_offset - start.page_offset()) / kPageSize;
        TRY(space.map(start.page_down(), zero_start - start.page_down(), protection,
                      Sharing::kPrivate, pager, page, AddressSpace::Placement::kNoReplace));
        if (end > file_end && (protection & PROT_WRITE) != 0) {
            // Beyond p_memsz too: dynamic linkers allocate what is left of the page, as zeroes.
            TRY(space.fill_zero(file_end, zero_start - file_end));
        }
    }
    if (end > zero_start) {
        TRY(space.map(zero_start, end.page_up() - zero_start, protection, Sharing::kPrivate,
                      nullptr, 0, AddressSpace::Placement::kNoReplace));
    }
    return {};
}
// END SOLUTION
// STUB: Result<void> map_segment(AddressSpace&, const Ref<Pager>&, const Elf64_Phdr& segment, u64) {
// STUB:     static_cast<void>(protection_of(segment));
// STUB:     panic("user.load_segment: yours to write");
// STUB: }

}  // namespace

Result<void> ElfImage::read(Ref<Pager> from) {
    pager = move(from);
    TRY(read_header_part(*pager, 0, &header, sizeof header));
    if (!is_program(header) || header.e_phnum > array_size(segments.items)) return Errno{ENOEXEC};
    segment_count = header.e_phnum;
    if (header.e_phoff > u64{1} << 40) return Errno{ENOEXEC};
    return read_header_part(*pager, header.e_phoff, segments.items,
                            segment_count * sizeof(Elf64_Phdr));
}

Result<void> ElfImage::map(AddressSpace& space, u64 base) {
    bias = is_position_independent() ? base : 0;
    bool any = false;
    for (const Elf64_Phdr& segment : all_segments()) {
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
        if (!is_loadable(segment, bias)) return Errno{ENOEXEC};
        TRY(map_segment(space, pager, segment, bias));
        any = true;
    }
    if (!any) return Errno{ENOEXEC};
    return {};
}

u64 ElfImage::headers_address() const {
    for (const Elf64_Phdr& segment : all_segments()) {
        if (segment.p_type == PT_LOAD && header.e_phoff >= segment.p_offset &&
            header.e_phoff - segment.p_offset < segment.p_filesz) {
            return header.e_phoff - segment.p_offset + segment.p_vaddr + bias;
        }
    }
    return 0;
}

u64 ElfImage::end() const {
    u64 highest = 0;
    for (const Elf64_Phdr& segment : all_segments()) {
        u64 end = segment.p_vaddr + segment.p_memsz + bias;
        if (segment.p_type == PT_LOAD) highest = max(highest, end);
    }
    return highest;
}

Result<StringView> ElfImage::interpreter(Span<char> to) const {
    for (const Elf64_Phdr& segment : all_segments()) {
        if (segment.p_type != PT_INTERP) continue;
        if (segment.p_filesz < 2 || segment.p_filesz > to.size()) return Errno{ENOEXEC};
        TRY(read_header_part(*pager, segment.p_offset, to.data(), segment.p_filesz));
        return StringView(to.data(), segment.p_filesz - 1);
    }
    return StringView();
}
