// An array on the heap whose length is known only when it is made.
#pragma once
#include "base/heap.h"
#include "base/new.h"
#include "base/result.h"

template <typename T> class HeapArray : Immovable {
  public:
    HeapArray() = default;
    ~HeapArray() {
        for (usize i = 0; i < size_; i++) items_[i].~T();
        heap_free(items_);
    }

    // Makes `size` items, once.
    Result<void> allocate(usize size) {
        ASSERT(items_ == nullptr);
        items_ = static_cast<T*>(heap_allocate(size * sizeof(T)));
        if (items_ == nullptr) return Errno{ENOMEM};
        for (; size_ < size; size_++) new (&items_[size_]) T();
        return {};
    }

    usize size() const { return size_; }
    T& operator[](usize i) const {
        ASSERT(i < size_);
        return items_[i];
    }

  private:
    T* items_ = nullptr;
    usize size_ = 0;
};
