// Views of memory that somebody else owns: Span<T> and StringView.
// Indexing is checked; sub() and the like clamp, as std::span and std::string_view do not.
#pragma once
#include "base/panic.h"
#include "base/string.h"
#include "base/types.h"

template <typename T> class Span {
  public:
    constexpr Span() = default;
    constexpr Span(T* data, usize size) : data_(data), size_(size) {}
    template <usize N> constexpr Span(T (&array)[N]) : data_(array), size_(N) {}
    constexpr Span(const Span&) = default;
    constexpr Span& operator=(const Span&) = default;
    constexpr operator Span<const T>() const { return {data_, size_}; }

    constexpr T* data() const { return data_; }
    constexpr usize size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr T* begin() const { return data_; }
    constexpr T* end() const { return data_ + size_; }

    constexpr T& operator[](usize i) const {
        ASSERT(i < size_);
        return data_[i];
    }

    // The part from `start` on, at most `count` items; empty where it lies outside.
    constexpr Span sub(usize start, usize count = ~usize{0}) const {
        if (start >= size_) return {data_ + size_, 0};
        return {data_ + start, min(count, size_ - start)};
    }
    constexpr Span first(usize count) const { return sub(0, count); }

  private:
    T* data_ = nullptr;
    usize size_ = 0;
};

using Bytes = Span<u8>;
using ConstBytes = Span<const u8>;

// Characters without a closing NUL.
class StringView {
  public:
    static constexpr usize kNone = ~usize{0};

    constexpr StringView() = default;
    constexpr StringView(const char* data, usize size) : data_(data), size_(size) {}
    constexpr StringView(const char* text) : data_(text), size_(__builtin_strlen(text)) {}

    constexpr const char* data() const { return data_; }
    constexpr usize size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr const char* begin() const { return data_; }
    constexpr const char* end() const { return data_ + size_; }
    constexpr char operator[](usize i) const {
        ASSERT(i < size_);
        return data_[i];
    }
    constexpr StringView sub(usize start, usize count = kNone) const {
        if (start >= size_) return {data_ + size_, 0};
        return {data_ + start, min(count, size_ - start)};
    }
    // The position of `c` at or after `from`, or kNone.
    constexpr usize find(char c, usize from = 0) const {
        for (usize i = from; i < size_; i++) {
            if (data_[i] == c) return i;
        }
        return kNone;
    }
    constexpr bool starts_with(StringView head) const { return first(head.size_) == head; }
    constexpr bool ends_with(StringView tail) const {
        return size_ >= tail.size_ && sub(size_ - tail.size_) == tail;
    }
    constexpr StringView first(usize count) const { return sub(0, count); }

    friend constexpr bool operator==(StringView a, StringView b) {
        return a.size_ == b.size_ && __builtin_memcmp(a.data_, b.data_, a.size_) == 0;
    }

  private:
    const char* data_ = "";
    usize size_ = 0;
};

// Whether `text` matches `pattern`, in which * stands for any run of characters and ? for one.
bool glob_match(StringView pattern, StringView text);

// The number that `text` spells (decimal, or hexadecimal after 0x); false where it does not.
bool parse_number(StringView text, u64& number);
