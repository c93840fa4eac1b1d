// The life of a thread: create, start, exit, join; and the list of all threads. See thread.h.
#include "thread/thread.h"

#include "mm/kernel_stack.h"
#include "thread/mutex.h"
#include "thread/scheduler.h"

static constinit SpinLock all_lock{LockRank::kAllThreads, "all threads"};
// All threads there are, also finished ones that somebody still holds. The debugger reads it.
constinit List<Thread, &Thread::all_node> all_threads GUARDED_BY(all_lock);

void for_each_thread(void (*visit)(Thread& thread, void* context), void* context) {
    SpinGuard guard(all_lock);
    for (Thread& thread : all_threads) visit(thread, context);
}

usize thread_count() {
    usize count = 0;
    for_each_thread([](Thread&, void* sum) { ++*static_cast<usize*>(sum); }, &count);
    return count;
}

Thread::Thread(const char* name) {
    static u32 last_id GUARDED_BY(all_lock) = 0;
    set_name(name);
    SpinGuard guard(all_lock);
    all_threads.push_back(*this);
    id_ = ++last_id;
}

Thread::~Thread() {
    ASSERT(state() == ThreadState::kNew || state() == ThreadState::kFinished);
    {
        SpinGuard guard(all_lock);
        all_node.unlink();
    }
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
    if (self.held_mutexes != nullptr) {
        panic("thread '%s' ends while it holds the mutex '%s'", self.name(),
              self.held_mutexes->name());
    }
    // The stack cannot be given back by the one who stands on it: the next thread on this hart
    // calls bury().
    Scheduler::leave(Scheduler::Leaving::kFinished);
    panic("thread '%s' runs after its end", self.name());
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
