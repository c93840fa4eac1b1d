// Sleeping locks: Mutex for critical sections that may sleep, and CondVar and Semaphore. All may be
// used by threads that hold no spinlock; Semaphore::up() also in interrupt handlers.
// A Mutex is taken and released with one atomic instruction each while nobody waits for it.
// Debug builds check the rank against the mutexes that the thread holds.
#pragma once
#include "thread/thread.h"

class CAPABILITY("mutex") Mutex : Immovable {
  public:
    constexpr Mutex(LockRank rank, const char* name) : name_(name), rank_(rank) {}

    void lock() ACQUIRE() { lock_checked(Nesting::kNone); }
    // Where the thread holds one of the same rank already: two directories, two pages. The caller
    // answers for the order among them (by address, or parent before child).
    void lock_nested() ACQUIRE() { lock_checked(Nesting::kSameRank); }
    // Only by the thread that locked it.
    void unlock() RELEASE();

    bool held() const { return owner(word_.load_relaxed()) == &current_thread(); }
    const char* name() const { return name_; }
    // The next in the owner's list of held mutexes.
    Mutex* next_held() const { return next_held_; }

  private:
    enum class Nesting { kNone, kSameRank };
    // The word is the owning thread's address, 0 for none, and in its low bits:
    static constexpr u64 kContended = 1;  // unlock() must wake somebody
    static constexpr u64 kHandOver = 2;   // … and only those who have waited may take it

    static Thread* owner(u64 word) { return reinterpret_cast<Thread*>(word & ~u64{3}); }
    static u64 word_of(Thread& thread) { return reinterpret_cast<u64>(&thread); }
    void lock_checked(Nesting nesting);
    void lock_slowly();
    void unlock_slowly();
    void check_order(Nesting nesting) const;
    void note_held();
    void note_released();

    Atomic<u64> word_{0};
    WaitQueue queue_;
    const char* name_;
    Mutex* next_held_ = nullptr;
    LockRank rank_;
};

class SCOPED_CAPABILITY MutexGuard : Immovable {
  public:
    explicit MutexGuard(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~MutexGuard() RELEASE() { mutex_.unlock(); }

  private:
    Mutex& mutex_;
};

// For code that has no predicate at hand; wait_until() is shorter where there is one.
class CondVar : Immovable {
  public:
    // Lets the mutex go, sleeps until a signal that comes after that, and takes the mutex again.
    void wait(Mutex& mutex);
    void signal();
    void broadcast();

  private:
    WaitQueue queue_;
};

class Semaphore : Immovable {
  public:
    explicit constexpr Semaphore(u32 count) : count_(count) {}
    // Waits until the count is positive and takes one from it.
    void down();
    void up();

  private:
    SpinLock lock_{LockRank::kWait, "semaphore"};
    WaitQueue queue_;
    u32 count_ GUARDED_BY(lock_);
};
