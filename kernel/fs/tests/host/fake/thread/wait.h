// The host's stand-in for thread/wait.h: nobody else runs, so what is waited for must be true.
#pragma once
#include "base/list.h"
#include "base/owned.h"
#include "cpu/spinlock.h"

class WaitQueue : Immovable {
  public:
    void wake_one() {}
    void wake_all() {}
};

inline Result<void> sleep_until(u64) { return {}; }

template <typename Lock, typename Predicate>
void wait_until(WaitQueue&, Lock&, Predicate predicate) {
    ASSERT(predicate());
}
