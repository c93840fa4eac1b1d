// CondVar, Semaphore and RwLock, all made from wait queues: see mutex.h.
#include "thread/mutex.h"

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

bool Semaphore::try_down() {
    SpinGuard guard(lock_);
    if (count_ == 0) return false;
    count_--;
    return true;
}

void Semaphore::up() {
    SpinGuard guard(lock_);
    count_++;
    queue_.wake_one();
}
// END SOLUTION
// STUB: void Semaphore::down() { panic("thread.semaphore: yours to write"); }
// STUB: bool Semaphore::try_down() { panic("thread.semaphore: yours to write"); }
// STUB: void Semaphore::up() { panic("thread.semaphore: yours to write"); }

void RwLock::lock_shared() {
    SpinGuard guard(lock_);
    wait_until(readers_queue_, lock_,
               [this]() NO_THREAD_SAFETY_ANALYSIS { return !writing_ && writers_waiting_ == 0; });
    readers_++;
}

void RwLock::unlock_shared() {
    SpinGuard guard(lock_);
    if (--readers_ == 0) writers_queue_.wake_one();
}

void RwLock::lock() {
    SpinGuard guard(lock_);
    writers_waiting_++;
    wait_until(writers_queue_, lock_,
               [this]() NO_THREAD_SAFETY_ANALYSIS { return !writing_ && readers_ == 0; });
    writers_waiting_--;
    writing_ = true;
}

void RwLock::unlock() {
    SpinGuard guard(lock_);
    writing_ = false;
    if (writers_waiting_ > 0)
        writers_queue_.wake_one();
    else
        readers_queue_.wake_all();
}
