// The device tree as a whole: the check that makes reading it safe, finding nodes, and what every
// kernel asks of it.
#include "base/device_tree.h"
#include "base/tree_blob.h"

using namespace fdt;

namespace {

constexpr u32 kMagic = 0xd00dfeed;
constexpr u32 kVersion = 17;

bool block_fits(const u8* blob, u32 offset, u32 size, u32 alignment) {
    u32 total = header(blob, kTotalSize);
    return offset >= kHeaderSize && offset % alignment == 0 && offset <= total &&
           size <= total - offset;
}

bool check_header(const u8* blob, usize limit) {
    return limit >= kHeaderSize && read32(blob) == kMagic && header(blob, kTotalSize) <= limit &&
           header(blob, kTotalSize) >= kHeaderSize && header(blob, kVersionField) >= kVersion &&
           header(blob, kCompatibleVersion) <= kVersion &&
           block_fits(blob, header(blob, kStructOffset), header(blob, kStructSize), 4) &&
           block_fits(blob, header(blob, kStringsOffset), header(blob, kStringsSize), 1);
}

// The reservation list must end, with a pair of zeros, inside the blob.
bool check_reserved(const u8* blob) {
    for (u32 at = header(blob, kReservedOffset); block_fits(blob, at, 16, 8); at += 16) {
        if (read64(blob + at) == 0 && read64(blob + at + 8) == 0) return true;
    }
    return false;
}

bool check_property_name(const u8* blob, u32 at) {
    u32 offset = read32(blob + at + 8);
    u32 size = header(blob, kStringsSize);
    const u8* strings = blob + header(blob, kStringsOffset);
    return offset < size && length_of(strings + offset, size - offset) < size - offset;
}

// One root node, everything inside it, nested no deeper than parent() can follow.
bool check_structure(const u8* blob) {
    unsigned depth = 0;
    bool had_root = false;
    Token token;
    for (u32 at = header(blob, kStructOffset); read_token(blob, at, token); at = token.next) {
        if (token.kind == FDT_END) return had_root && depth == 0;
        if (token.kind == FDT_BEGIN_NODE) {
            if ((had_root && depth == 0) || depth == kMaxDepth) return false;
            had_root = true;
            depth++;
        } else if (token.kind == FDT_END_NODE) {
            if (depth == 0) return false;
            depth--;
        } else if (token.kind == FDT_PROP && (depth == 0 || !check_property_name(blob, at))) {
            return false;
        }
    }
    return false;
}

bool names_node(StringView component, StringView name) {
    return name == component || (name.starts_with(component) && name.size() > component.size() &&
                                 name[component.size()] == '@');
}

TreeNode child_named(TreeNode parent, StringView component) {
    TreeNode child = parent.first_child();
    while (child && !names_node(component, child.name())) child = child.next_sibling();
    return child;
}

// A list of ranges that grows inside a span and remembers whether all of them fitted.
struct RangeList {
    Span<PhysRange> ranges;
    usize count = 0;

    void add(PhysRange range) {
        if (range.size != 0 && count++ < ranges.size()) ranges[count - 1] = range;
    }
    void add_regs(TreeNode node) {
        for (usize i = 0;; i++) {
            Result<PhysRange> range = node.reg(i);
            if (!range.ok()) return;
            add(*range);
        }
    }
    Result<usize> finish() const {
        if (count > ranges.size()) return Errno{E2BIG};
        return count;
    }
};

}  // namespace

Result<DeviceTree> DeviceTree::open(const void* blob, usize limit) {
    const u8* bytes = static_cast<const u8*>(blob);
    if (bytes == nullptr || !check_header(bytes, limit) || !check_reserved(bytes) ||
        !check_structure(bytes)) {
        return Errno{EINVAL};
    }
    return DeviceTree(bytes);
}

ConstBytes DeviceTree::blob() const {
    return blob_ == nullptr ? ConstBytes{} : ConstBytes{blob_, header(blob_, kTotalSize)};
}

TreeNode DeviceTree::find(StringView path) const {
    TreeNode node = root();
    for (usize at = 0; node && at < path.size();) {
        usize end = min(path.find('/', at), path.size());
        if (end > at) node = child_named(node, path.sub(at, end - at));
        at = end + 1;
    }
    return node;
}

TreeNode DeviceTree::find_compatible(StringView driver, TreeNode after) const {
    TreeNode node = after ? after.next() : root();
    while (node && !(node.is_available() && node.is_compatible(driver))) node = node.next();
    return node;
}

TreeNode DeviceTree::find_phandle(u32 phandle) const {
    TreeNode node = root();
    while (node && node.property("phandle").number().value_or(0) != phandle) node = node.next();
    return node;
}

Result<usize> DeviceTree::memory(Span<PhysRange> ranges) const {
    RangeList list{ranges};
    for (TreeNode node = root().first_child(); node; node = node.next_sibling()) {
        if (node.property("device_type").lists("memory") && node.is_available()) {
            list.add_regs(node);
        }
    }
    return list.finish();
}

Result<usize> DeviceTree::reserved(Span<PhysRange> ranges) const {
    RangeList list{ranges};
    if (blob_ != nullptr) {
        const u8* entry = blob_ + header(blob_, kReservedOffset);
        for (; read64(entry) != 0 || read64(entry + 8) != 0; entry += 16) {
            list.add({PhysAddr(read64(entry)), read64(entry + 8)});
        }
    }
    TreeNode node = find("/reserved-memory").first_child();
    for (; node; node = node.next_sibling()) {
        if (node.is_available()) list.add_regs(node);
    }
    return list.finish();
}

StringView DeviceTree::bootargs() const { return find("/chosen").property("bootargs").string(); }

Result<PhysRange> DeviceTree::initrd() const {
    TreeNode chosen = find("/chosen");
    u64 start = TRY(chosen.property("linux,initrd-start").number());
    u64 end = TRY(chosen.property("linux,initrd-end").number());
    if (end < start) return Errno{EINVAL};
    return PhysRange{PhysAddr(start), end - start};
}

Result<u64> DeviceTree::timebase_frequency() const {
    return find("/cpus").property("timebase-frequency").number();
}
