// The flattened device tree: what the machine has, as the firmware hands it over. A DeviceTree is a
// view over the blob: it allocates nothing, touches no hardware, and open() checks every token once,
// so that whatever the blob holds, reading it later stays inside it. The blob must not change.
// Reference: Devicetree Specification 0.4, chapters 2, 3 and 5.
#pragma once
#include "base/address.h"
#include "base/result.h"
#include "base/span.h"

// A piece of physical memory. The predicates are right for every start and size, also where
// start + size would wrap around.
struct PhysRange {
    PhysAddr start;
    u64 size = 0;

    constexpr PhysAddr end() const { return start + size; }
    constexpr bool contains(PhysAddr address) const { return address - start < size; }
    constexpr bool covers(PhysRange other) const {
        u64 skipped = other.start - start;
        return skipped <= size && other.size <= size - skipped;
    }
    constexpr bool overlaps(PhysRange other) const {
        return size != 0 && other.size != 0 && (contains(other.start) || other.contains(start));
    }
};

struct TreeProperty {
    StringView name;
    ConstBytes value;  // big-endian, as it stands in the blob

    explicit operator bool() const { return value.data() != nullptr; }
    usize cells() const { return value.size() / 4; }
    u32 cell(usize i) const;               // the i-th 32-bit number; 0 past the end
    Result<u64> number() const;            // the value as a whole: one cell or two
    StringView string(usize i = 0) const;  // the i-th string of a list; empty past the end
    bool lists(StringView text) const;     // whether it is one of the strings

  private:
    StringView strings() const;
};

// A node, by its place in the blob. A default-constructed one is "none" and converts to false; all
// queries on it find nothing.
class TreeNode {
  public:
    constexpr TreeNode() = default;
    explicit operator bool() const { return blob_ != nullptr; }
    bool operator==(TreeNode other) const { return blob_ == other.blob_ && at_ == other.at_; }

    StringView name() const;  // with its unit address: serial@10000000
    TreeNode next() const;    // in document order: every node after root(), children first
    TreeNode first_child() const;
    TreeNode next_sibling() const;
    TreeNode parent() const;

    // for (TreeProperty p = node.first_property(); p; p = node.next_property(p))
    TreeProperty first_property() const;
    TreeProperty next_property(const TreeProperty& property) const;
    TreeProperty property(StringView name) const;

    bool is_compatible(StringView driver) const { return property("compatible").lists(driver); }
    bool is_available() const;  // no `status`, or "okay"

    // The i-th entry of `reg`, read with the parent's #address-cells and #size-cells. Buses are
    // taken to map one to one, as QEMU's do. ENOENT past the end, EINVAL for what no 64-bit
    // machine can have.
    Result<PhysRange> reg(usize i = 0) const;
    // The i-th line of `interrupts`, where one cell names a line, as with the PLIC.
    Result<u32> interrupt(usize i = 0) const;

  private:
    friend class DeviceTree;
    constexpr TreeNode(const u8* blob, u32 at) : blob_(blob), at_(at) {}
    TreeProperty property_at(u32 at) const;
    static TreeNode root_of(const u8* blob);
    // next(); adds to `depth` how much deeper it is: 1 for a child, 0 for a sibling, else less.
    TreeNode next(int& depth) const;

    const u8* blob_ = nullptr;
    u32 at_ = 0;  // offset of the node's FDT_BEGIN_NODE token
};

class DeviceTree {
  public:
    // No tree at all: all queries find nothing.
    constexpr DeviceTree() = default;

    // Checks the blob, which may use at most `limit` bytes; EINVAL where it is malformed.
    static constexpr usize kLimit = usize{2} << 20;
    static Result<DeviceTree> open(const void* blob, usize limit = kLimit);

    ConstBytes blob() const;  // the whole of it, as long as its header says
    TreeNode root() const { return TreeNode::root_of(blob_); }
    // By path from the root: "/soc/serial@10000000". A unit address may be left out: "/cpus/cpu"
    // is the first of them.
    TreeNode find(StringView path) const;
    // The first such node after `after`, or of all; for (n = f(x); n; n = f(x, n)) finds each.
    TreeNode find_compatible(StringView driver, TreeNode after = {}) const;
    TreeNode find_phandle(u32 phandle) const;

    // Fill `ranges` from the front and return how many there are; E2BIG where they do not fit.
    Result<usize> memory(Span<PhysRange> ranges) const;
    Result<usize> reserved(Span<PhysRange> ranges) const;  // both kinds: the list and the nodes

    StringView bootargs() const;  // the kernel's command line; empty where there is none
    Result<PhysRange> initrd() const;
    Result<u64> timebase_frequency() const;  // ticks of the time CSR per second

  private:
    constexpr explicit DeviceTree(const u8* blob) : blob_(blob) {}
    const u8* blob_ = nullptr;
};
