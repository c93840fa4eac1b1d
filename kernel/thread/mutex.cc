// Mutex: see mutex.h. While nobody waits, the word goes from 0 to the owner and back. Whoever finds
// it taken enters the queue and then marks the word; unlock() of a marked word wakes the first.
//
// The woken thread still has to win the lock: one that is running just then may take it first,
// which saves a switch for each unlock. But not for ever: a thread that was overtaken asks for the
// next unlock to hand the mutex over.
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
    bool has_queued = false, overtaken = false;
    for (;;) {
        u64 word = word_.load();
        if (owner(word) == &self) {
            return;  // handed over
        }
        if (word == 0) {
            // Others may be in the queue behind us, and only a marked word wakes them.
            if (word_.compare_exchange(word, word_of(self) | (has_queued ? kContended : 0))) return;
            continue;
        }
        has_queued = true;
        Waiter waiter(queue_);
        // Marking fails if the mutex has been released since: then that unlock() may have missed us.
        if (word_.compare_exchange(word, word | kContended | (overtaken ? kHandOver : 0))) {
            waiter.sleep();
            overtaken = true;
        }
    }
}

void Mutex::unlock_slowly() {
    u64 word = word_.load();
    Thread& self = current_thread();
    if (owner(word) != &self) {
        panic("mutex '%s' is unlocked by thread '%s', which does not hold it", name_, self.name());
    }
    auto make_owner = [](Thread& thread, void* mutex) {
        static_cast<Mutex*>(mutex)->word_.store(word_of(thread) | kContended);
    };
    if ((word & kHandOver) != 0 && queue_.wake_one_after(make_owner, this)) return;
    word_.store(0);
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
