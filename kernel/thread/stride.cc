// The scheduling policy for shares, chosen by policy=stride on the kernel command line. A thread's
// pass grows by the time that it has run, divided by its weight, and the thread with the lowest pass
// is next: so in the long run each gets time in proportion to its weight.
// Reference: Waldspurger and Weihl, "Stride Scheduling", 1995.
#include "thread/policy.h"

namespace {

class Stride final : public SchedulingPolicy {
  public:
    // BEGIN SOLUTION(thread.stride)
    void add(Thread& thread, Arrival) override {
        // Who has slept must not have saved time up: it would keep all others out for as long.
        thread.policy.pass = max(thread.policy.pass, lowest_);
        for (Thread& other : queue_) {
            if (other.policy.pass > thread.policy.pass) return queue_.insert_before(other, thread);
        }
        queue_.push_back(thread);
    }

    Thread* take_next() override {
        Thread* next = queue_.pop_front();
        if (next != nullptr) lowest_ = next->policy.pass;
        return next;
    }

    void charge(Thread& thread, u64 nanoseconds) override {
        thread.policy.pass += nanoseconds * kNormalWeight / thread.policy.weight;
        // Whoever runs alone is never taken again, and still gets on.
        const Thread* first = queue_.front();
        const u64 waiting = first == nullptr ? thread.policy.pass : first->policy.pass;
        lowest_ = max(lowest_, min(waiting, thread.policy.pass));
    }
    // END SOLUTION
    // STUB: void add(Thread&, Arrival) override { panic("thread.stride: yours to write"); }
    // STUB: Thread* take_next() override { panic("thread.stride: yours to write"); }

  private:
    static constexpr u64 kNormalWeight = 1024;
    List<Thread, &Thread::run_node> queue_;  // the lowest pass first
    u64 lowest_ = 0;  // where those are who want to run; nobody comes in below
};

}  // namespace

Result<Owned<SchedulingPolicy>> make_stride_policy() {
    Owned<Stride> policy = TRY(make<Stride>());
    return Owned<SchedulingPolicy>(move(policy));
}
