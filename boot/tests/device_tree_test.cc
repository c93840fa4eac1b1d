// Host test of base/device_tree.h: every query on a tree built here, and damage of each kind, which
// open() must find. With a file name as argument: prints what that blob says, for the test that
// compares it with what QEMU was told.
#include "base/device_tree.h"

#include <string.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "check.h"

namespace {

using Blob = std::vector<u8>;

void put32(Blob& out, u32 n) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<u8>(n >> shift));
    }
}

std::string cells(std::initializer_list<u32> numbers) {
    Blob out;
    for (u32 n : numbers) {
        put32(out, n);
    }
    return {out.begin(), out.end()};
}

std::string text(const char* s) {
    return std::string(s) + '\0';
}

// Writes a blob token by token, right or wrong as the test wants it.
class Builder {
  public:
    Builder& token(u32 kind) { return put32(structure, kind), *this; }
    Builder& begin(const char* name) { return token(1).bytes(text(name)); }
    Builder& end() { return token(2); }
    Builder& nop() { return token(4); }
    Builder& property(const char* name, const std::string& value) {
        token(3);
        put32(structure, static_cast<u32>(value.size()));
        put32(structure, static_cast<u32>(strings.size()));
        for (char c : text(name)) {
            strings.push_back(static_cast<u8>(c));
        }
        return bytes(value);
    }
    Builder& bytes(const std::string& value) {
        structure.insert(structure.end(), value.begin(), value.end());
        structure.resize((structure.size() + 3) / 4 * 4);
        return *this;
    }
    // Header, reservations, structure, strings; a header field of `patch` replaces the right one.
    Blob finish(int patch_at = -1, u32 patch = 0) const {
        u32 reserved_at = 40, structure_at = reserved_at + static_cast<u32>(reserved.size());
        u32 strings_at = structure_at + static_cast<u32>(structure.size());
        u32 total = strings_at + static_cast<u32>(strings.size());
        Blob out;
        u32 fields[] = {0xd00dfeed,
                        total,
                        structure_at,
                        strings_at,
                        reserved_at,
                        17,
                        16,
                        0,
                        static_cast<u32>(strings.size()),
                        static_cast<u32>(structure.size())};
        for (u32 i = 0; i < 10; i++) {
            put32(out, static_cast<int>(i * 4) == patch_at ? patch : fields[i]);
        }
        for (const Blob* block : {&reserved, &structure, &strings}) {
            out.insert(out.end(), block->begin(), block->end());
        }
        return out;
    }

    Blob reserved = Blob(16, 0);
    Blob structure, strings;
};

Builder machine() {
    Builder b;
    b.nop().begin("");
    b.property("#address-cells", cells({2})).property("#size-cells", cells({2}));
    b.begin("memory@80000000").property("device_type", text("memory"));
    b.property("reg", cells({0, 0x80000000, 0, 0x8000000, 1, 0, 2, 0})).end();
    b.begin("memory@0")
        .property("device_type", text("memory"))
        .property("status", text("disabled"));
    b.property("reg", cells({0, 0, 0, 0x1000})).end();
    b.begin("cpus").property("#address-cells", cells({1})).property("#size-cells", cells({0}));
    b.property("timebase-frequency", cells({10000000}));
    b.begin("cpu@7").property("device_type", text("cpu")).property("reg", cells({7})).nop();
    b.begin("interrupt-controller").property("phandle", cells({4})).end().end().end();
    b.begin("reserved-memory").property("#address-cells", cells({2}));
    b.property("#size-cells", cells({2})).property("ranges", "");
    b.begin("mmode_resv0@80000000").property("reg", cells({0, 0x80000000, 0, 0x80000})).end().end();
    b.begin("soc").property("#address-cells", cells({1})).property("#size-cells", cells({1}));
    b.begin("serial@10000000").property("compatible", text("ns16550a") + text("ns16550"));
    b.property("reg", cells({0x10000000, 0x100})).property("interrupts", cells({10, 11})).end();
    b.begin("serial@20000000").property("compatible", text("ns16550a")).end().end();
    b.begin("pci").property("#address-cells", cells({3}));
    b.begin("deep").property("reg", cells({1, 2, 3, 4})).end().end();
    b.begin("chosen").property("bootargs", text("init=/bin/sh seed=3"));
    b.property("linux,initrd-start", cells({0x84000000}));
    b.property("linux,initrd-end", cells({0, 0x84001000})).end();
    b.end().token(9);
    Blob& r = b.reserved;
    r.clear();
    for (u32 n : {0u, 0x86000000u, 0u, 0x2000u, 0u, 0u, 0u, 0u}) {
        put32(r, n);
    }
    return b;
}

Result<DeviceTree> open(const Blob& blob) {
    return DeviceTree::open(blob.data(), blob.size());
}

void test_ranges() {
    PhysRange low{PhysAddr(0x1000), 0x1000};
    CHECK(low.covers({PhysAddr(0x1fff), 1}) && low.covers({PhysAddr(0x2000), 0}));
    CHECK(!low.covers({PhysAddr(0x1fff), 2}) && !low.covers({PhysAddr(0xfff), 2}));
    CHECK(!low.covers({PhysAddr(0x1800), ~u64{0}}));
    CHECK(low.overlaps({PhysAddr(0), 0x1001}) && !low.overlaps({PhysAddr(0), 0x1000}));
    CHECK(low.overlaps({PhysAddr(0), ~u64{0}}) && !low.overlaps({PhysAddr(0x1800), 0}));
    CHECK(low.overlaps({PhysAddr(0xfffffffffffff000), 0x2001}));
    CHECK(!low.contains(PhysAddr(0xfff)) && !low.contains(PhysAddr(0x2000)));
}

void test_nodes(const DeviceTree& tree) {
    CHECK(tree.root() && tree.root().name().empty() && !tree.root().parent());
    CHECK(tree.find("/") == tree.root());
    TreeNode serial = tree.find("/soc/serial@10000000");
    CHECK(serial && serial == tree.find("/soc/serial") && serial == tree.find("soc//serial"));
    CHECK(serial.name() == "serial@10000000" && serial.parent() == tree.find("/soc"));
    CHECK(!tree.find("/soc/serial@1") && !tree.find("/soc/ser") && !tree.find("/soc/serial/x"));
    CHECK(tree.find_phandle(4).name() == "interrupt-controller" && !tree.find_phandle(5));
    CHECK(tree.find_phandle(4).parent() == tree.find("/cpus/cpu"));

    CHECK(tree.find_compatible("ns16550") == serial);
    TreeNode other = tree.find_compatible("ns16550a", serial);
    CHECK(other.name() == "serial@20000000" && !tree.find_compatible("ns16550a", other));
    CHECK(!tree.find_compatible("ns1655"));
    CHECK(!other.next_sibling() && other.next().name() == "pci" && !other.first_child());

    unsigned count = 0, cpus = 0;
    for (TreeNode node = tree.root(); node; node = node.next()) {
        count++;
        cpus += node.property("device_type").lists("cpu") && node.is_available() &&
                node.reg()->start.value == 7;
    }
    CHECK(count == 14 && cpus == 1);
}

void test_properties(const DeviceTree& tree) {
    TreeNode serial = tree.find("/soc/serial");
    CHECK(serial.reg()->start.value == 0x10000000 && serial.reg()->size == 0x100);
    CHECK(serial.reg(1).error() == Errno{ENOENT} && tree.root().reg().error() == Errno{ENOENT});
    CHECK(tree.find("/pci/deep").reg().error() == Errno{EINVAL});
    CHECK(serial.interrupt().value() == 10 && serial.interrupt(1).value() == 11);
    CHECK(!serial.interrupt(2).ok());
    TreeProperty compatible = serial.first_property();
    CHECK(compatible.name == "compatible" && serial.next_property(compatible).name == "reg");
    CHECK(compatible.string() == "ns16550a" && compatible.string(1) == "ns16550");
    CHECK(compatible.string(2).empty() && compatible.lists("ns16550") && !compatible.lists("ns"));
    CHECK(!serial.property("rg") && !serial.property("rg").number().ok());
    CHECK(compatible.number().error() == Errno{EINVAL} && compatible.cell(99) == 0);
    TreeProperty empty = tree.find("/reserved-memory").property("ranges");
    CHECK(empty && empty.value.empty() && empty.string().empty() && !empty.lists("x"));
}

void test_machine(const DeviceTree& tree) {
    PhysRange ranges[4];
    CHECK(tree.memory(ranges).value() == 2);
    CHECK(ranges[0].start.value == 0x80000000 && ranges[0].size == 0x8000000);
    CHECK(ranges[1].start.value == 0x100000000 && ranges[1].size == 0x200000000);
    CHECK(tree.memory({ranges, 1}).error() == Errno{E2BIG});
    CHECK(tree.reserved(ranges).value() == 2);
    CHECK(ranges[0].start.value == 0x86000000 && ranges[0].size == 0x2000);
    CHECK(ranges[1].start.value == 0x80000000 && ranges[1].size == 0x80000);
    CHECK(tree.bootargs() == "init=/bin/sh seed=3");
    CHECK(tree.initrd()->start.value == 0x84000000 && tree.initrd()->size == 0x1000);
    CHECK(tree.timebase_frequency().value() == 10000000);
}

void test_empty() {
    DeviceTree tree;
    PhysRange ranges[1];
    CHECK(!tree.root() && !tree.find("/cpus") && tree.blob().empty() && tree.bootargs().empty());
    CHECK(tree.memory(ranges).value() == 0 && tree.reserved(ranges).value() == 0);
    CHECK(!tree.initrd().ok() && !tree.root().reg().ok() && !tree.root().is_available());
}

void test_damage() {
    const Blob good = machine().finish();
    CHECK(open(good).ok());
    for (usize size = 0; size < good.size(); size++) {
        CHECK(!open(Blob(good.begin(), good.begin() + static_cast<long>(size))).ok());
    }
    struct {
        int field;
        u32 value;
    } headers[] = {
        {0, 0xd00dfeee}, {4, 39},  {4, ~0u}, {8, ~3u},  {8, 42}, {8, 0},    {12, ~0u}, {16, 4},
        {16, ~7u},       {20, 16}, {24, 18}, {32, ~0u}, {32, 1}, {36, ~3u}, {36, 0},
    };
    for (auto header : headers) {
        CHECK(!open(machine().finish(header.field, header.value)).ok());
    }
    CHECK(!DeviceTree::open(nullptr).ok());
    CHECK(!open(Builder().token(9).finish()).ok());
    CHECK(!open(Builder().begin("").token(9).finish()).ok());
    CHECK(!open(Builder().begin("").end().end().token(9).finish()).ok());
    CHECK(!open(Builder().begin("").end().begin("").end().token(9).finish()).ok());
    CHECK(!open(Builder().property("x", "").begin("").end().token(9).finish()).ok());
    CHECK(!open(Builder().begin("").token(3).token(~0u).token(0).end().token(9).finish()).ok());
    CHECK(!open(Builder().begin("").token(3).token(0).token(0).end().token(9).finish()).ok());
    CHECK(!open(Builder().begin("").token(5).end().token(9).finish()).ok());
    Builder deep;
    for (int i = 0; i < 17; i++) {
        deep.begin("");
    }
    for (int i = 0; i < 17; i++) {
        deep.end();
    }
    CHECK(!open(deep.token(9).finish()).ok());
}

int show(const char* path) {
    std::ifstream file(path, std::ios::binary);
    Blob blob{std::istreambuf_iterator<char>(file), {}};
    Result<DeviceTree> tree = open(blob);
    PhysRange ranges[8];
    if (!tree.ok() || !tree->memory(ranges).ok()) {
        return 1;
    }
    u64 cpus = 0;
    for (TreeNode node = tree->root(); node; node = node.next()) {
        cpus += node.property("device_type").lists("cpu");
    }
    StringView arguments = tree->bootargs();
    Result<PhysRange> initrd = tree->initrd();
    printf("memory %lx %lx\ncpus %lu\nbootargs %.*s\ninitrd %lu\nclock %lu\nvirtio %x\n",
           ranges[0].start.value, ranges[0].size, cpus, static_cast<int>(arguments.size()),
           arguments.data(), initrd.ok() ? initrd->size : 0, tree->timebase_frequency().value_or(0),
           tree->find_compatible("virtio,mmio").interrupt().value_or(0));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1) {
        return show(argv[1]);
    }
    Blob blob = machine().finish();
    Result<DeviceTree> tree = open(blob);
    CHECK(tree.ok());
    CHECK(tree->blob().size() == blob.size());
    test_ranges();
    test_nodes(*tree);
    test_properties(*tree);
    test_machine(*tree);
    test_empty();
    test_damage();
    printf("%d failed\n", failures);
    return failures != 0;
}
