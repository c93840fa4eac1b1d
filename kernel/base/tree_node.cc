// Nodes and properties of a device tree. read_token() knows the format and the bounds;
// DeviceTree::open() has run it over the whole blob, and all else relies on its having succeeded.
#include "base/device_tree.h"
#include "base/tree_blob.h"

using namespace fdt;

// Reads the token at offset `at`; false where it is none or does not end inside its block.
bool fdt::read_token(const u8* blob, u32 at, Token& token) {
    const u32 end = header(blob, kStructOffset) + header(blob, kStructSize);
    if (at % 4 != 0 || at > end || end - at < 4) return false;
    token.kind = read32(blob + at);
    u32 left = end - at - 4;  // after the kind
    u64 size = 0;             // of what belongs to the token
    if (token.kind == FDT_BEGIN_NODE) {
        u32 length = length_of(blob + at + 4, left);
        if (length == left) return false;
        size = length + 1;
    } else if (token.kind == FDT_PROP) {
        if (left < 8) return false;
        size = u64{8} + read32(blob + at + 4);
    } else if (token.kind != FDT_END_NODE && token.kind != FDT_NOP && token.kind != FDT_END) {
        return false;
    }
    size = align_up(size, 4);
    if (size > left) return false;
    token.next = at + 4 + static_cast<u32>(size);
    return true;
}

namespace {

u32 after(const u8* blob, u32 at) {
    Token token;
    read_token(blob, at, token);
    return token.next;
}

// Takes the first string off a list of them.
StringView take_string(StringView& rest) {
    usize length = min(rest.find('\0'), rest.size());
    StringView string = rest.first(length);
    rest = rest.sub(length + 1);
    return string;
}

}  // namespace

u32 TreeProperty::cell(usize i) const { return i < cells() ? read32(value.data() + 4 * i) : 0; }

Result<u64> TreeProperty::number() const {
    switch (value.size()) {
    case 4: return u64{cell(0)};
    case 8: return read64(value.data());
    default: return Errno{value.data() == nullptr ? ENOENT : EINVAL};
    }
}

StringView TreeProperty::strings() const {
    return {reinterpret_cast<const char*>(value.data()), value.size()};
}

StringView TreeProperty::string(usize i) const {
    StringView rest = strings();
    for (; i > 0; i--) take_string(rest);
    return take_string(rest);
}

bool TreeProperty::lists(StringView text) const {
    for (StringView rest = strings(); !rest.empty();) {
        if (take_string(rest) == text) return true;
    }
    return false;
}

StringView TreeNode::name() const {
    if (blob_ == nullptr) return {};
    return StringView(reinterpret_cast<const char*>(blob_ + at_ + 4));
}

TreeNode TreeNode::root_of(const u8* blob) {
    if (blob == nullptr) return {};
    u32 at = header(blob, kStructOffset);
    for (Token token; read_token(blob, at, token) && token.kind == FDT_NOP;) at = token.next;
    return {blob, at};
}

TreeNode TreeNode::next(int& depth) const {
    Token token;
    if (blob_ == nullptr) return {};
    for (u32 at = after(blob_, at_); read_token(blob_, at, token); at = token.next) {
        if (token.kind == FDT_BEGIN_NODE) {
            depth++;
            return {blob_, at};
        }
        if (token.kind == FDT_END_NODE) depth--;
        if (token.kind == FDT_END) break;
    }
    return {};
}

TreeNode TreeNode::next() const {
    int depth = 0;
    return next(depth);
}

TreeNode TreeNode::first_child() const {
    int depth = 0;
    TreeNode node = next(depth);
    return depth > 0 ? node : TreeNode{};
}

TreeNode TreeNode::next_sibling() const {
    int depth = 0;
    TreeNode node = next(depth);
    while (node && depth > 0) node = node.next(depth);
    return depth == 0 ? node : TreeNode{};
}

// The format has no way up, so this walks down from the root and keeps the path.
TreeNode TreeNode::parent() const {
    TreeNode path[kMaxDepth];
    int depth = 0;
    for (TreeNode node = root_of(blob_); node; node = node.next(depth)) {
        if (node == *this) return depth == 0 ? TreeNode{} : path[depth - 1];
        path[depth] = node;
    }
    return {};
}

// The property whose token is the next at `at`, if one is.
TreeProperty TreeNode::property_at(u32 at) const {
    Token token;
    while (read_token(blob_, at, token) && token.kind == FDT_NOP) at = token.next;
    if (token.kind != FDT_PROP) return {};
    const u8* strings = blob_ + header(blob_, kStringsOffset);
    const u8* name = strings + read32(blob_ + at + 8);
    return {reinterpret_cast<const char*>(name), {blob_ + at + 12, read32(blob_ + at + 4)}};
}

TreeProperty TreeNode::first_property() const {
    return blob_ == nullptr ? TreeProperty{} : property_at(after(blob_, at_));
}

TreeProperty TreeNode::next_property(const TreeProperty& property) const {
    return property_at(after(blob_, static_cast<u32>(property.value.data() - blob_) - 12));
}

TreeProperty TreeNode::property(StringView name) const {
    TreeProperty property = first_property();
    while (property && !(property.name == name)) property = next_property(property);
    return property;
}

bool TreeNode::is_available() const {
    TreeProperty status = property("status");
    return blob_ != nullptr && (!status || status.lists("okay") || status.lists("ok"));
}

Result<PhysRange> TreeNode::reg(usize i) const {
    TreeProperty property = this->property("reg");
    if (!property) return Errno{ENOENT};
    TreeNode bus = parent();
    TreeProperty address = bus.property("#address-cells");
    TreeProperty size = bus.property("#size-cells");
    u32 address_cells = address ? address.cell(0) : 2;
    u32 size_cells = size ? size.cell(0) : 1;
    if (address_cells > 2 || size_cells > 2) return Errno{EINVAL};
    u32 entry = address_cells + size_cells;
    if (entry == 0 || i >= property.cells() / entry) return Errno{ENOENT};
    u64 numbers[2] = {0, 0};
    for (u32 c = 0; c < entry; c++) {
        u64& number = numbers[c >= address_cells];
        number = number << 32 | property.cell(i * entry + c);
    }
    u64 end;
    if (!add_fits(numbers[0], numbers[1], end)) return Errno{EINVAL};
    return PhysRange{PhysAddr(numbers[0]), numbers[1]};
}

Result<u32> TreeNode::interrupt(usize i) const {
    TreeProperty property = this->property("interrupts");
    if (i >= property.cells()) return Errno{ENOENT};
    return property.cell(i);
}
