// Failing allocations. A kernel built with FAIL=1 asks this hook before each allocation of frames or of
// heap memory, and answers as if there were no memory where it says so; another has nothing of it.
// Called by the allocators only, under any lock; process/tests/failing.cc sets the hook.
#pragma once
#if FAIL
extern bool (*fail_allocation)();
inline bool allocation_fails() { return fail_allocation != nullptr && fail_allocation(); }
#else
constexpr bool allocation_fails() { return false; }
#endif
