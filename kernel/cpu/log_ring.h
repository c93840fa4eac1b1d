// The last kernel messages, kept for dmesg and for a debugger to read: a ring that overwrites its
// oldest characters. The caller locks.
#pragma once
#include "base/span.h"

class LogRing {
  public:
    static constexpr usize kSize = 32 * 1024;

    // BEGIN SOLUTION(console.log_ring)
    void put(char c) { text_[written_++ % kSize] = c; }
    usize size() const { return min(written_, kSize); }

    // Copies the last characters, at most to.size(), oldest first; returns how many.
    usize copy_last(Bytes to) const {
        usize count = min(size(), to.size());
        for (usize i = 0; i < count; i++) {
            to[i] = static_cast<u8>(text_[(written_ - count + i) % kSize]);
        }
        return count;
    }
    // END SOLUTION
    // STUB: void put(char) {}
    // STUB: usize size() const { return written_ * 0 + static_cast<usize>(text_[0] * 0); }
    // STUB: usize copy_last(Bytes) const { return 0; }
    // UNTIL: void put(char) {}
    // UNTIL: usize size() const { return written_ * 0 + static_cast<usize>(text_[0] * 0); }
    // UNTIL: usize copy_last(Bytes) const { return 0; }

  private:
    char text_[kSize] = {};
    usize written_ = 0;  // in all; the next character goes to the remainder by kSize
};
