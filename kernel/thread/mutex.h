// Sleeping locks: Mutex for critical sections that may sleep, and CondVar, Semaphore and RwLock.
// All may be used by threads that hold no spinlock; Semaphore::up() also in interrupt handlers.
// A Mutex is taken and released with one atomic instruction each while nobody waits for it.
// Debug builds check the rank against the mutexes that the thread holds.
#pragma once
#include "cpu/spinlock.h"
#include "thread/wait.h"

class CAPABILITY("mutex") Mutex : Immovable {
  public:
    constexpr Mutex(LockRank rank, const char* name) : name_(name), rank_(rank) {}

    void lock() ACQUIRE() { lock_checked(Nesting::kNone); }
    // Where the thread holds one of the same rank already: two directories, two pages. The caller
    // answers for the order among them (by address, or parent before child).
    void lock_nested() ACQUIRE() { lock_checked(Nesting::kSameRank); }
    // False where another thread holds it; does not sleep.
    bool try_lock() TRY_ACQUIRE(true);
    // Only by the thread that locked it.
    void unlock() RELEASE();

    bool held() const { return owner(word_.load_relaxed()) == &current_thread(); }
    const char* name() const { return name_; }
    LockRank rank() const { return rank_; }

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
    void note_held(Nesting nesting);
    void add_to_held();
    void note_released();
    [[noreturn]] void panic_locked_twice();

    Atomic<u64> word_{0};
    WaitQueue queue_;
    const char* name_;
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
    bool try_down();
    void up();

  private:
    SpinLock lock_{LockRank::kWait, "semaphore"};
    WaitQueue queue_;
    u32 count_ GUARDED_BY(lock_);
};

// Many readers or one writer. A waiting writer keeps new readers out.
class CAPABILITY("rwlock") RwLock : Immovable {
  public:
    constexpr RwLock() = default;
    void lock_shared();
    void unlock_shared();
    void lock();
    void unlock();

  private:
    SpinLock lock_{LockRank::kWait, "rwlock"};
    WaitQueue readers_queue_, writers_queue_;
    u32 readers_ GUARDED_BY(lock_) = 0;
    u32 writers_waiting_ GUARDED_BY(lock_) = 0;
    bool writing_ GUARDED_BY(lock_) = false;
};
