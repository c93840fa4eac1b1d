// A growable array: room is asked for first, which may fail with ENOMEM, then used, which may not.
// Compare std::vector. Items are moved as bytes: nothing in them points into themselves.
#pragma once
#include "base/owned.h"
#include "base/span.h"

template <typename T> class Vector : Immovable {
  public:
    ~Vector() {
        for (T& item : *this) item.~T();
        heap_free(items_);
    }

    usize size() const { return size_; }
    T* begin() const { return items_; }
    T* end() const { return items_ + size_; }
    T& operator[](usize i) const {
        ASSERT(i < size_);
        return items_[i];
    }

    // NOLINTBEGIN(bugprone-undefined-memory-manipulation): items can be moved as bytes, see above
    // Makes room for `more` items beyond those that are there.
    Result<void> reserve(usize more) {
        if (more <= capacity_ - size_) return {};
        usize capacity = max(2 * size_, size_ + more);
        T* items = static_cast<T*>(heap_allocate(capacity * sizeof(T)));
        if (items == nullptr) return Errno{ENOMEM};
        if (size_ != 0) memcpy(static_cast<void*>(items), items_, size_ * sizeof(T));
        heap_free(items_);
        items_ = items;
        capacity_ = capacity;
        return {};
    }
    // Puts an item before number `index`, or at the end; there is room for it.
    void insert(usize index, T item) {
        ASSERT(index <= size_ && size_ < capacity_);
        T* place = items_ + index;
        memmove(static_cast<void*>(place + 1), place, (size_ - index) * sizeof(T));
        new (place) T(move(item));
        size_++;
    }
    void add(T item) { insert(size_, move(item)); }
    void remove(usize index) {
        T* place = &(*this)[index];
        place->~T();
        size_--;
        memmove(static_cast<void*>(place), place + 1, (size_ - index) * sizeof(T));
    }
    // NOLINTEND(bugprone-undefined-memory-manipulation)
    // Gives it `size` items: removes from the end, or adds value-initialised ones. ENOMEM.
    Result<void> resize(usize size) {
        for (; size_ > size; size_--) items_[size_ - 1].~T();
        TRY(reserve(size - size_));
        while (size_ < size) new (items_ + size_++) T();
        return {};
    }

  private:
    T* items_ = nullptr;
    usize size_ = 0, capacity_ = 0;
};
