// The life of a thread: create, start, exit, join; and the list of all threads. See thread.h.
#include "thread/thread.h"

#include "cpu/console.h"
#include "mm/kernel_stack.h"
#include "thread/mutex.h"
#include "thread/run_queue.h"

// All threads there are, also finished ones that somebody still holds. The debugger reads it.
class AllThreads : Immovable {
  public:
    void add(Thread& thread) {
        SpinGuard guard(lock_);
        list_.push_back(thread);
        count_++;
        thread.id_ = next_id_++;
    }
    void remove(Thread& thread) {
        SpinGuard guard(lock_);
        list_.remove(thread);
        count_--;
    }
    void for_each(void (*visit)(Thread& thread, void* context), void* context) {
        SpinGuard guard(lock_);
        for (Thread& thread : list_) visit(thread, context);
    }
    usize count() {
        SpinGuard guard(lock_);
        return count_;
    }

  private:
    SpinLock lock_{LockRank::kAllThreads, "all threads"};
    List<Thread, &Thread::all_node_> list_ GUARDED_BY(lock_);
    usize count_ GUARDED_BY(lock_) = 0;
    u32 next_id_ GUARDED_BY(lock_) = 1;
};

constinit AllThreads all_threads;

usize thread_count() { return all_threads.count(); }

void for_each_thread(void (*visit)(Thread& thread, void* context), void* context) {
    all_threads.for_each(visit, context);
}

Thread::Thread(const char* name) {
    set_name(name);
    all_threads.add(*this);
}

Thread::~Thread() {
    ASSERT(state() == ThreadState::kNew || state() == ThreadState::kFinished);
    all_threads.remove(*this);
    if (owns_stack_) unmap_kernel_stack(stack_top_);
}

// BEGIN SOLUTION(thread.create)
Result<Ref<Thread>> Thread::create(const char* name, void (*entry)(void*), void* argument) {
    Ref<Thread> thread = TRY(make_ref<Thread>(name));
    thread->stack_top_ = TRY(map_kernel_stack());
    thread->owns_stack_ = true;
    thread->entry_ = entry;
    thread->argument_ = argument;
    // The first switch to it shall "return" into thread_first_run(), on the new stack, below the
    // place of user_frame(). A frame pointer of 0 ends its backtraces.
    thread->context_.ra = reinterpret_cast<u64>(thread_first_run);
    thread->context_.sp = thread->stack_top_ - sizeof(TrapFrame);
    return thread;
}
// END SOLUTION
// STUB: Result<Ref<Thread>> Thread::create(const char*, void (*)(void*), void*) {
// STUB:     panic("thread.create: yours to write");
// STUB: }

// Called with the run queue locked, as if switch_context() had returned here.
void thread_first_run() {
    this_hart().interrupts_were_on = true;
    Scheduler::here().finish_switch();
    Thread& self = current_thread();
    self.entry_(self.argument_);
    exit_thread();
}

void Thread::start() {
    ThreadState expected = ThreadState::kNew;
    bool first_start = state_.compare_exchange(expected, ThreadState::kRunnable);
    ASSERT(first_start);
    retain();  // its own reference, which bury() releases
    Scheduler::place(*this, Arrival::kStarted);
}

// BEGIN SOLUTION(thread.exit)
void exit_thread() {
    Thread& self = current_thread();
    // What the upper floor has may need to sleep to go away, so it goes while we still can.
    self.user.reset();
    assert_holds_nothing(self);
    // The stack cannot be given back by the one who stands on it: the next thread on this hart
    // calls bury().
    Scheduler::lock_here().leave_finished();
}

void Thread::bury() {
    if (owns_stack_) {
        owns_stack_ = false;
        unmap_kernel_stack(stack_top_);
    }
    {
        SpinGuard guard(join_lock_);
        finished_ = true;
    }
    joiners_.wake_all();
    release();
}
// END SOLUTION
// STUB: void exit_thread() { panic("thread.exit: yours to write"); }
// STUB: void Thread::bury() { panic("thread.exit: yours to write"); }

// BEGIN SOLUTION(thread.join)
void Thread::join() {
    if (this == &current_thread()) {
        panic("thread '%s' joins itself, and would wait for ever", name_);
    }
    SpinGuard guard(join_lock_);
    wait_until(joiners_, join_lock_, [this]() NO_THREAD_SAFETY_ANALYSIS { return finished_; });
}
// END SOLUTION
// STUB: void Thread::join() { panic("thread.join: yours to write"); }

void Thread::interrupt() {
    interrupted_.store(true);
    unpark();
}

u64 Thread::run_time() const {
    InterruptsOff off;
    bool running_here = this == &current_thread();
    return run_time_.load_relaxed() + (running_here ? Scheduler::here().uncharged_time() : 0);
}

u64 Thread::user_time() const {
    u64 user = sampled_user_.load_relaxed();
    u64 sampled = user + sampled_kernel_.load_relaxed();
    return sampled == 0 ? 0 : run_time() / 1000 * (user * 1000 / sampled);
}
