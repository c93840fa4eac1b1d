// Who owns what: Owned<T> (one owner) and Ref<T> (counted owners), made by make<T> and make_ref<T>,
// which fail with ENOMEM. Compare std::unique_ptr and std::shared_ptr with an intrusive count.
#pragma once
#include "base/atomic.h"
#include "base/heap.h"
#include "base/new.h"
#include "base/result.h"

template <typename T> class Owned {
  public:
    constexpr Owned() = default;
    constexpr Owned(decltype(nullptr)) {}
    explicit Owned(T* object) : object_(object) {}
    Owned(Owned&& other) : object_(other.release()) {}
    template <typename U> Owned(Owned<U>&& other) : object_(other.release()) {}
    Owned& operator=(Owned&& other) {
        reset(other.release());
        return *this;
    }
    ~Owned() { reset(); }

    T* get() const { return object_; }
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }
    explicit operator bool() const { return object_ != nullptr; }

    // Gives the object up without destroying it.
    [[nodiscard]] T* release() { return exchange(object_, nullptr); }
    void reset(T* object = nullptr) {
        // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): where TRY returns, it destroys
        T* old = object_;  // the variable that TRY was to initialize
        object_ = object;
        delete old;
    }

  private:
    T* object_ = nullptr;
};

// Base of objects with counted owners. They start with one owner: make_ref's result. The last
// release() destroys the object: never drop a last reference under a spinlock.
class RefCounted : Immovable {
  public:
    void retain() { references_.fetch_add(1); }
    void release() {
        if (references_.fetch_sub(1) != 1) return;
#ifndef __clang_analyzer__  // it knows nothing of counts, and takes each release for the last
        delete this;
#endif
    }
    // For tests and for caches that drop what only they still hold.
    u32 reference_count() const { return references_.load(); }
    // Takes a reference unless the last one is already gone.
    bool try_retain() {
        for (u32 count = references_.load(); count != 0;) {
            if (references_.compare_exchange(count, count + 1)) return true;
        }
        return false;
    }

  protected:
    RefCounted() = default;
    virtual ~RefCounted() = default;

  private:
    Atomic<u32> references_{1};
};

// T has retain() and release(): RefCounted's, or its own (page frames).
template <typename T> class Ref {
  public:
    constexpr Ref() = default;
    constexpr Ref(decltype(nullptr)) {}
    // Becomes one more owner.
    explicit Ref(T& object) : object_(&object) { object.retain(); }
    // Takes over the reference that the caller holds.
    static Ref adopt(T* object) {
        Ref ref;
        ref.object_ = object;
        return ref;
    }
    Ref(const Ref& other) : object_(other.object_) {
        if (object_ != nullptr) object_->retain();
    }
    Ref(Ref&& other) : object_(other.leak()) {}
    template <typename U> Ref(const Ref<U>& other) : Ref(Ref<T>::share(other.get())) {}
    template <typename U> Ref(Ref<U>&& other) : object_(other.leak()) {}
    Ref& operator=(Ref other) {
        swap(object_, other.object_);
        return *this;
    }
    ~Ref() {
        // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): see Owned::reset
        if (object_ != nullptr) object_->release();
    }

    static Ref share(T* object) { return object == nullptr ? Ref() : Ref(*object); }

    T* get() const { return object_; }
    T* operator->() const { return object_; }
    T& operator*() const { return *object_; }
    explicit operator bool() const { return object_ != nullptr; }
    friend bool operator==(const Ref& a, const Ref& b) { return a.object_ == b.object_; }

    // Gives the reference up without releasing it; the caller now owes a release().
    [[nodiscard]] T* leak() { return exchange(object_, nullptr); }

  private:
    T* object_ = nullptr;
};

template <typename T, typename... Args> Result<Owned<T>> make(Args&&... args) {
    void* memory = heap_allocate(sizeof(T));
    if (memory == nullptr) return Errno{ENOMEM};
    return Owned<T>(new (memory) T(forward<Args>(args)...));
}

template <typename T, typename... Args> Result<Ref<T>> make_ref(Args&&... args) {
    void* memory = heap_allocate(sizeof(T));
    if (memory == nullptr) return Errno{ENOMEM};
    return Ref<T>::adopt(new (memory) T(forward<Args>(args)...));
}
