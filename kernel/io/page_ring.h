// A ring of bytes in up to 16 pages that come when first needed: the buffer of pipes and sockets.
// The owner locks.
#pragma once
#include "mm/frame.h"
#include "process/user_memory.h"

class PageRing : Immovable {
  public:
    static constexpr usize kPages = 16;
    static constexpr usize kCapacity = kPages * kPageSize;

    usize bytes() const { return static_cast<usize>(end_ - start_); }
    usize room() const { return kCapacity - bytes(); }

    // Moves as much as there is, or as there is room for; returns how much. An error (EFAULT,
    // ENOMEM) only where nothing has been moved.
    Result<usize> take(UserSpan to);
    Result<usize> put(UserSpan from);
    // Gives the pages back.
    void clear();

  private:
    // The longest piece at `position` that does not cross a page's end, cut to `limit`.
    static usize piece_at(u64 position, usize limit);

    Ref<Frame> pages_[kPages];
    u64 start_ = 0;  // positions grow for ever, modulo kCapacity they tell the place
    u64 end_ = 0;
};
