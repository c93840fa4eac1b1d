// libFuzzer target: any bytes as a device tree, and after the check every query on every node of
// it, under the address sanitizer. The blob is copied to a buffer of exactly its size first.
#include <vector>

#include "base/device_tree.h"
#include "check.h"

extern "C" size_t LLVMFuzzerMutate(u8* data, size_t size, size_t max_size);

namespace {

void put32(u8* to, u32 n) {
    for (int i = 0; i < 4; i++) {
        to[i] = static_cast<u8>(n >> (24 - 8 * i));
    }
}

unsigned visit(const DeviceTree& tree, TreeNode node) {
    unsigned seen = 1;
    for (TreeProperty p = node.first_property(); p; p = node.next_property(p)) {
        seen += static_cast<unsigned>(p.string(1).size() + p.cell(0)) + p.lists("memory");
        seen += p.number().ok() && node.property(p.name).value.size() == p.value.size();
    }
    for (usize i = 0; i < 3; i++) {
        seen += node.reg(i).ok() + node.interrupt(i).ok();
    }
    if (node.next_sibling() && !(node.next_sibling().parent() == node.parent())) {
        panic("siblings have two parents\n");
    }
    if (node.first_child() && !(node.first_child().parent() == node)) {
        panic("a child does not know its parent\n");
    }
    return seen + node.is_available() + (tree.find(node.name()) == node);
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(u8* data, size_t size, size_t max_size, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, max_size);
    if (size >= 128 && seed % 8 != 0) {
        u32 strings = static_cast<u32>(size) - 16;
        const u32 header[] = {0xd00dfeed, static_cast<u32>(size), 56, strings, 40, 17, 16, 0,
                              16,         (strings - 56) / 4 * 4};
        for (u32 i = 0; i < 10; i++) {
            put32(data + 4 * i, header[i]);
        }
        for (u32 i = 40; i < 56; i++) {
            data[i] = 0;
        }
        data[size - 1] = 0;
        put32(data + 56, 1);
        put32(data + 60, 0);
        for (u32 at = 64; at + 16 < strings; at += 4) {
            if (data[at] > 16 && data[at + 1] > 128) {
                put32(data + at, 1 + data[at + 2] % 4 + (data[at + 2] > 250 ? 5 : 0));
            }
        }
        put32(data + 56 + (strings - 56) / 4 * 4 - 4, 9);
        put32(data + 56 + (strings - 56) / 4 * 4 - 8, 2);
    }
    return size;
}

extern "C" int LLVMFuzzerTestOneInput(const u8* data, size_t size) {
    std::vector<u8> blob(data, data + size);
    Result<DeviceTree> tree = DeviceTree::open(blob.data(), blob.size());
    if (!tree.ok()) {
        return 0;
    }
    PhysRange ranges[2];
    static volatile unsigned sink;
    for (TreeNode node = tree->root(); node; node = node.next()) {
        sink = sink + visit(*tree, node);
    }
    sink = sink + tree->memory(ranges).ok() + tree->reserved(ranges).ok() + tree->initrd().ok();
    sink = sink + !tree->bootargs().empty() + tree->timebase_frequency().ok();
    sink = sink + !tree->find_compatible("x") + !tree->find_phandle(1) + !tree->find("/a/b@1/c");
    return 0;
}
