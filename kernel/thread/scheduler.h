// Which thread runs where: one run queue per hart, idle harts steal from busy ones and otherwise
// wait for an interrupt. A thread gives its hart up by yield(), by park(), or when its slice ends,
// in kernel mode too, but never with a spinlock held or interrupts off.
// The order within a queue is a SchedulingPolicy's (policy.h), which is an exercise.
#pragma once
#include "base/types.h"

class Thread;

// Switches threads if the running one's slice is over or its hart was told so. Floor process calls
// it, with interrupts off and no lock held, before it returns to user mode.
void preempt_if_needed();
// A place where another thread might get the hart: yields at random under preempt=seeded, so that
// tests see many interleavings; else does nothing. Called wherever a lock is released.
extern bool seeded_preemption;
void yield_at_random();
inline void schedule_point() {
    if (seeded_preemption) [[unlikely]]
        yield_at_random();
}

// Turns that on with this seed, or off with seed 0.
void seed_preemption(u64 seed);

// For tests and /proc: switches so far on all harts, and threads that wait for a hart now.
u64 switch_count();
u32 runnable_count();
// Nanoseconds that a hart has been idle.
u64 idle_time(unsigned hart_index);
