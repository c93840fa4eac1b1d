// Reading a cpio archive of the "newc" kind, as initial file systems are: a view over its bytes that
// believes nothing. Reference: the kernel's "initramfs buffer format"; cpio(5).
#pragma once
#include "base/result.h"
#include "base/span.h"

struct CpioEntry {
    StringView name;  // without leading "/" or "./"; empty for the root itself
    u32 ino = 0;
    u32 mode = 0;
    u32 uid = 0;
    u32 gid = 0;
    u32 nlink = 0;
    u32 mtime = 0;
    u64 device = 0;   // of device nodes
    ConstBytes data;  // contents, or target of a symbolic link
};

class CpioReader {
  public:
    explicit CpioReader(ConstBytes archive) : archive_(archive) {}
    // The next entry; false at the end. EINVAL where the archive is malformed: then position()
    // says where.
    Result<bool> next(CpioEntry& entry);
    usize position() const { return position_; }

  private:
    ConstBytes archive_;
    usize position_ = 0;
};

// The archive that the boot loader left in memory; empty where there is none.
ConstBytes initial_archive();
