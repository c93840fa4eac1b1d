// See cpio.h.
#include "process/cpio.h"

#include "abi/stat.h"
#include "cpu/layout.h"
#include "cpu/machine.h"

namespace {

constexpr usize kHeaderSize = 110;
constexpr usize kFieldSize = 8;

// The thirteen fields after the magic number, each of eight hexadecimal digits; minor numbers follow
// the major ones.
constexpr unsigned kIno = 0, kMode = 1, kUid = 2, kGid = 3, kLinks = 4, kTime = 5, kSize = 6,
                   kDeviceMajor = 9, kDeviceMinor = 10, kNameSize = 11, kFieldCount = 13;

bool read_field(ConstBytes header, unsigned field, u32& value) {
    value = 0;
    for (u8 c : header.sub(6 + field * kFieldSize, kFieldSize)) {
        u32 digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' ? (c | 0x20) - 'a' + 10 : 99;
        if (digit > 15) return false;
        value = value * 16 + digit;
    }
    return true;
}

StringView without_leading_dots(StringView name) {
    while (name.starts_with("/") || name.starts_with("./")) name = name.sub(name[0] == '/' ? 1 : 2);
    return name == StringView(".") ? StringView() : name;
}

}  // namespace

Result<bool> CpioReader::next(CpioEntry& entry) {
    ConstBytes header = archive_.sub(position_, kHeaderSize);
    if (header.empty()) return false;
    u32 fields[kFieldCount];
    if (header.size() < kHeaderSize || memcmp(header.data(), "070701", 6) != 0) {
        return Errno{EINVAL};
    }
    for (unsigned i = 0; i < kFieldCount; i++) {
        if (!read_field(header, i, fields[i])) return Errno{EINVAL};
    }
    // Name and data each end at a multiple of four bytes. No sum overflows: each part is 32 bits.
    usize name_at = position_ + kHeaderSize;
    usize data_at = align_up(name_at + fields[kNameSize], 4);
    usize data_end = data_at + fields[kSize];
    if (fields[kNameSize] == 0 || data_end > archive_.size()) return Errno{EINVAL};
    StringView name(reinterpret_cast<const char*>(archive_.data()) + name_at,
                    fields[kNameSize] - 1);
    if (name == StringView("TRAILER!!!")) return false;
    entry.name = without_leading_dots(name);
    entry.ino = fields[kIno];
    entry.mode = fields[kMode];
    entry.uid = fields[kUid];
    entry.gid = fields[kGid];
    entry.nlink = fields[kLinks];
    entry.mtime = fields[kTime];
    entry.device = ABI_MAKEDEV(u64{fields[kDeviceMajor]}, u64{fields[kDeviceMinor]});
    entry.data = archive_.sub(data_at, fields[kSize]);
    position_ = align_up(data_end, 4);
    return true;
}

ConstBytes initial_archive() {
    PhysRange range = machine().initrd;
    return range.size == 0 ? ConstBytes() : ConstBytes(linear_pointer(range.start), range.size);
}
