// Asks the boot stage's loader, on the host, about an ELF file and a machine:
//   elf_check FILE [ram START SIZE]… [taken START SIZE OWNER]…
// Prints the plan and what loading it makes of memory that was full of 0xa5 (as hexadecimal), exit
// status 0; or the refusal, exit status 2. The tests give it their machines; without any, it has
// QEMU's with 128 MiB.
#include <string.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "check.h"
#include "elf_loader.h"

namespace {

u64 number(const char* text) {
    return strtoull(text, nullptr, 0);
}

void print_loaded(ConstBytes file, const Segment& segment) {
    std::vector<u8> memory(segment.memory.size, 0xa5);
    load_segment(file, segment, memory.data());
    printf("segment %u at 0x%lx flags %u: ", segment.header, segment.memory.start.value,
           segment.flags);
    for (u8 byte : memory) {
        printf("%02x", byte);
    }
    printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<PhysRange> ram;
    std::vector<Occupied> taken;
    for (int i = 2; i + 2 < argc; i += 3) {
        PhysRange range{PhysAddr(number(argv[i + 1])), number(argv[i + 2])};
        if (strcmp(argv[i], "ram") == 0) {
            ram.push_back(range);
        } else {
            taken.push_back({range, argv[++i + 2]});
        }
    }
    if (ram.empty()) {
        ram = {{PhysAddr(0x80000000), 128 << 20}};
        taken = {{{PhysAddr(0x80000000), 2 << 20}, "OpenSBI"}};
    }
    std::ifstream stream(argc > 1 ? argv[1] : "", std::ios::binary);
    if (!stream) {
        fprintf(stderr, "elf_check: %s cannot be read\n", argc > 1 ? argv[1] : "no file");
        return 1;
    }
    // Exactly as long as the file: a read past its end is the address sanitizer's.
    std::vector<u8> bytes{std::istreambuf_iterator<char>(stream), {}};
    bytes.shrink_to_fit();
    ConstBytes file(bytes.data(), bytes.size());
    LoadPlan plan;
    Refusal refusal;
    if (!elf_validate(file, {{ram.data(), ram.size()}, {taken.data(), taken.size()}}, plan,
                      refusal)) {
        printf("boot: %s\n", refusal.sentence);
        return 2;
    }
    for (const Segment& segment : Span(plan.segments, plan.count)) {
        print_loaded(file, segment);
    }
    printf("entry 0x%lx\n", plan.entry.value);
    return 0;
}
