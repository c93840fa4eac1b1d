// Who runs next on a hart: the interface between the scheduler and a scheduling policy. Each hart
// has one policy object with its own queue; the scheduler calls it with that hart's run queue
// locked and interrupts off, so it needs no locks and must not sleep or allocate.
#pragma once
#include "base/owned.h"
#include "cpu/time.h"
#include "thread/thread.h"

// Why a thread comes into the queue.
enum class Arrival : u8 {
    kStarted,
    kWoken,
    kYielded,
    kSliceOver,  // it has used its slice up
    kPreempted,  // it has not, but another one is to run first
    kMoved,      // from another hart's queue
};

class SchedulingPolicy {
  public:
    virtual ~SchedulingPolicy() = default;
    // Takes the thread into the queue.
    virtual void add(Thread& thread, Arrival arrival) = 0;
    // Takes the thread that shall run next out of the queue, perhaps for an idle hart that will
    // run it instead; null if the queue is empty.
    virtual Thread* take_next() = 0;
    // How long the thread may run while others wait, in nanoseconds.
    virtual u64 slice(const Thread&) { return 10 * kMillisecond; }
    // The thread has just run this long.
    virtual void charge(Thread&, u64 /*nanoseconds*/) {}
    // Whether `woken` shall have the hart before `running` has used its slice up.
    virtual bool preempts(const Thread& /*woken*/, const Thread& /*running*/) { return false; }
};

// The policies there are, one object per hart. ENOMEM.
Result<Owned<SchedulingPolicy>> make_round_robin_policy();
Result<Owned<SchedulingPolicy>> make_stride_policy();
