// The format of a device tree blob, for the files that read one; everybody else uses
// base/device_tree.h. Offsets count from the start of the blob.
// Reference: Devicetree Specification 0.4, chapter 5.
#pragma once
#include "base/types.h"

namespace fdt {

inline constexpr u32 kHeaderSize = 40;
inline constexpr unsigned kMaxDepth = 16;  // of nodes in nodes; QEMU has 4

// Offsets of the header's fields.
enum Header : u32 {
    kTotalSize = 4,
    kStructOffset = 8,
    kStringsOffset = 12,
    kReservedOffset = 16,
    kVersionField = 20,
    kCompatibleVersion = 24,
    kStringsSize = 32,
    kStructSize = 36,
};

enum TokenKind : u32 { FDT_BEGIN_NODE = 1, FDT_END_NODE, FDT_PROP, FDT_NOP, FDT_END = 9 };

inline u32 read32(const u8* p) {
    return u32{p[0]} << 24 | u32{p[1]} << 16 | u32{p[2]} << 8 | u32{p[3]};
}

inline u64 read64(const u8* p) { return u64{read32(p)} << 32 | read32(p + 4); }

inline u32 header(const u8* blob, Header field) { return read32(blob + field); }

// The length of the string at `from`, or `limit` where no NUL comes before it.
inline u32 length_of(const u8* from, u32 limit) {
    u32 length = 0;
    while (length < limit && from[length] != 0) length++;
    return length;
}

struct Token {
    u32 kind = FDT_END;
    u32 next = 0;  // offset of the token after it
};

// Reads the token at offset `at`; false where it is none or does not end inside its block.
bool read_token(const u8* blob, u32 at, Token& token);

}  // namespace fdt
