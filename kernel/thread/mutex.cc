// Mutex: see mutex.h. While nobody waits, the word goes from 0 to the owner and back. Whoever finds
// it taken enters the queue and then marks the word; unlock() of a marked word wakes the first.
//
// The woken thread still has to win the lock: one that is running just then may take it first,
// which saves a switch for each unlock. But not for ever: a thread that was overtaken marks the word
// with kHandOver, and then the mutex is free only for those who have waited, in their order, until
// nobody waits any more. (To leave it at one hand-over would not do: the thread at the head of the
// queue gets it, and the one that was overtaken, now at the end, may be overtaken each time again.)
#include "thread/mutex.h"

#include "cpu/console.h"
#include "thread/scheduler.h"

// BEGIN SOLUTION(thread.mutex)
void Mutex::lock_checked(Nesting nesting) {
    if constexpr (DEBUG) {
        note_held(nesting);
    }
    u64 expected = 0;
    if (!word_.compare_exchange(expected, word_of(current_thread()))) [[unlikely]]
        lock_slowly();
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
    if (owner(word_.load()) == &self) panic_locked_twice();
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
    u64 word = word_.load();
    Thread& self = current_thread();
    if (owner(word) != &self) {
        panic("mutex '%s' is unlocked by thread '%s', which does not hold it", name_, self.name());
    }
    // Whoever set kHandOver is in the queue, or awake and about to try again: so somebody takes it.
    word_.store(word & kHandOver);
    queue_.wake_one();
}
// END SOLUTION
// STUB: void Mutex::lock_checked(Nesting) { panic("thread.mutex: yours to write"); }
// STUB: void Mutex::unlock() { panic("thread.mutex: yours to write"); }

bool Mutex::try_lock() {
    u64 expected = 0;
    if (!word_.compare_exchange(expected, word_of(current_thread()))) return false;
    if constexpr (DEBUG) {
        add_to_held();
    }
    return true;
}

void Mutex::panic_locked_twice() {
    panic("mutex '%s' is locked twice by thread '%s'", name_, current_thread().name());
}

// Panics where waiting for the mutex could close a circle of waiting threads.
void Mutex::note_held(Nesting nesting) {
    assert_may_sleep();
    Thread& self = current_thread();
    for (u32 i = 0; i < self.held_mutex_count_; i++) {
        const Mutex& held = *self.held_mutexes_[i];
        if (&held == this) panic_locked_twice();
        if (held.rank() > rank_ || (held.rank() == rank_ && nesting == Nesting::kNone)) {
            panic("lock order: '%s' is taken while '%s' is held, which comes later in lock_rank.h",
                  name_, held.name());
        }
    }
    add_to_held();
}

void Mutex::add_to_held() {
    Thread& self = current_thread();
    if (self.held_mutex_count_ < Thread::kMaxHeldMutexes) {
        self.held_mutexes_[self.held_mutex_count_++] = this;
    }
}

void Mutex::note_released() {
    Thread& self = current_thread();
    for (u32 i = self.held_mutex_count_; i > 0; i--) {
        if (self.held_mutexes_[i - 1] == this) {
            for (u32 j = i; j < self.held_mutex_count_; j++) {
                self.held_mutexes_[j - 1] = self.held_mutexes_[j];
            }
            self.held_mutex_count_--;
            return;
        }
    }
}

void print_held_mutexes(const Thread& thread) {
    for (u32 i = 0; i < thread.held_mutex_count_; i++) {
        kprintf("  thread '%s' holds '%s'\n", thread.name(), thread.held_mutexes_[i]->name());
    }
}

void assert_holds_nothing(const Thread& thread) {
    if (thread.held_mutex_count_ > 0) {
        panic("thread '%s' ends while it holds the mutex '%s'", thread.name(),
              thread.held_mutexes_[0]->name());
    }
}
