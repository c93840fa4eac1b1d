// Sleeping locks: see mutex.h. While nobody waits for a Mutex, its word goes from 0 to the owner and back. Whoever finds
// it taken enters the queue and then marks the word; unlock() of a marked word wakes the first.
//
// The woken thread still has to win the lock: one that is running just then may take it first,
// which saves a switch for each unlock. But not for ever: a thread that was overtaken marks the word
// with kHandOver, and then the mutex is free only for those who have waited, in their order, until
// nobody waits any more. (To leave it at one hand-over would not do: the thread at the head of the
// queue gets it, and the one that was overtaken, now at the end, may be overtaken each time again.)
#include "thread/mutex.h"

#include "thread/scheduler.h"

// BEGIN SOLUTION(thread.mutex)
void Mutex::lock_checked(Nesting nesting) {
    if constexpr (DEBUG) {
        check_order(nesting);
    }
    u64 expected = 0;
    if (!word_.compare_exchange(expected, word_of(current_thread()))) [[unlikely]]
        lock_slowly();
    if constexpr (DEBUG) {
        note_held();
    }
}

void Mutex::unlock() {
    if constexpr (DEBUG) {
        note_released();
    }
    u64 expected = word_of(current_thread());
    if (!word_.compare_exchange(expected, 0)) [[unlikely]]
        unlock_slowly();
    schedule_point();
}

void Mutex::lock_slowly() {
    Thread& self = current_thread();
    if (held()) panic("mutex '%s' is locked twice by thread '%s'", name_, self.name());
    bool has_waited = false;
    for (;;) {
        u64 word = word_.load();
        if (owner(word) == nullptr && (has_waited || (word & kHandOver) == 0)) {
            // Only a marked word wakes those who are still in the queue.
            u64 marks = queue_.waiting() > 0 ? kContended | (word & kHandOver) : 0;
            if (word_.compare_exchange(word, word_of(self) | marks)) return;
            continue;
        }
        Waiter waiter(queue_);
        // Marking fails if the mutex has been released since: then that unlock() may have missed us.
        u64 marks = has_waited ? kContended | kHandOver : kContended;
        if (word_.compare_exchange(word, word | marks)) waiter.sleep();
        has_waited = true;
    }
}

void Mutex::unlock_slowly() {
    if (!held()) {
        panic("mutex '%s' is unlocked by thread '%s', which does not hold it", name_,
              current_thread().name());
    }
    // Whoever set kHandOver is in the queue, or awake and about to try again: so somebody takes it.
    word_.store(word_.load() & kHandOver);
    queue_.wake_one();
}
// END SOLUTION
// STUB: void Mutex::lock_checked(Nesting) { panic("thread.mutex: yours to write"); }
// STUB: void Mutex::unlock() { panic("thread.mutex: yours to write"); }

// Panics where waiting for the mutex could close a circle of waiting threads.
void Mutex::check_order(Nesting nesting) const {
    assert_may_sleep();
    for (Mutex* held = current_thread().held_mutexes; held != nullptr; held = held->next_held_) {
        if (held == this) continue;  // lock_slowly() will tell
        if (held->rank_ > rank_ || (held->rank_ == rank_ && nesting == Nesting::kNone)) {
            panic("lock order: '%s' is taken while '%s' is held, which comes later in lock_rank.h",
                  name_, held->name_);
        }
    }
}

void Mutex::note_held() { next_held_ = exchange(current_thread().held_mutexes, this); }

void Mutex::note_released() {
    Mutex** at = &current_thread().held_mutexes;
    while (*at != nullptr && *at != this) at = &(*at)->next_held_;
    if (*at != nullptr) *at = next_held_;
}

// BEGIN SOLUTION(thread.condvar)
void CondVar::wait(Mutex& mutex) NO_THREAD_SAFETY_ANALYSIS {
    // In the queue before the mutex is free: a signal sent by the next owner finds us.
    Waiter waiter(queue_);
    mutex.unlock();
    waiter.sleep();
    mutex.lock();
}

void CondVar::signal() { queue_.wake_one(); }

void CondVar::broadcast() { queue_.wake_all(); }
// END SOLUTION
// STUB: void CondVar::wait(Mutex&) { panic("thread.condvar: yours to write"); }
// STUB: void CondVar::signal() { panic("thread.condvar: yours to write"); }
// STUB: void CondVar::broadcast() { panic("thread.condvar: yours to write"); }

// BEGIN SOLUTION(thread.semaphore)
void Semaphore::down() {
    SpinGuard guard(lock_);
    wait_until(queue_, lock_, [this]() NO_THREAD_SAFETY_ANALYSIS { return count_ > 0; });
    count_--;
}

void Semaphore::up() {
    SpinGuard guard(lock_);
    count_++;
    queue_.wake_one();
}
// END SOLUTION
// STUB: void Semaphore::down() { panic("thread.semaphore: yours to write"); }
// STUB: void Semaphore::up() { panic("thread.semaphore: yours to write"); }
