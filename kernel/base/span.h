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
class StringView : public Span<const char> {
  public:
    static constexpr usize kNone = ~usize{0};

    constexpr StringView() = default;
    constexpr StringView(Span<const char> characters) : Span(characters) {}
    constexpr StringView(const char* data, usize size) : Span(data, size) {}
    constexpr StringView(const char* text) : Span(text, __builtin_strlen(text)) {}

    constexpr StringView sub(usize start, usize count = kNone) const {
        return Span::sub(start, count);
    }
    constexpr StringView first(usize count) const { return sub(0, count); }
    // The position of `c` at or after `from`, or kNone.
    constexpr usize find(char c, usize from = 0) const {
        for (usize i = from; i < size(); i++) {
            if (data()[i] == c) return i;
        }
        return kNone;
    }
    constexpr bool starts_with(StringView head) const { return first(head.size()) == head; }
    constexpr bool ends_with(StringView tail) const {
        return size() >= tail.size() && sub(size() - tail.size()) == tail;
    }

    friend constexpr bool operator==(StringView a, StringView b) {
        return a.size() == b.size() && __builtin_memcmp(a.data(), b.data(), a.size()) == 0;
    }
};

// Whether `text` matches `pattern`, in which * stands for any run of characters and ? for one.
bool glob_match(StringView pattern, StringView text);

// The number that `text` spells (decimal, or hexadecimal after 0x); false where it does not.
bool parse_number(StringView text, u64& number);
