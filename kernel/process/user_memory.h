// User memory, the only way to it: a UserSpan names bytes of an address space, and copies ask that
// space to resolve each page for the access, just as a page fault would, then go through the linear
// map. The kernel never dereferences a user address; what cannot be resolved is EFAULT. There is no
// "check first, use later". A copy may sleep: no spinlock may be held.
#pragma once
#include "base/owned.h"
#include "base/span.h"
#include "mm/frame.h"

class AddressSpace;

// A user address as a system call got it: not to be trusted, not to be dereferenced.
using UserAddress = VirtAddr;

class UserSpan {
  public:
    constexpr UserSpan() = default;
    // Bytes of the current process.
    UserSpan(UserAddress address, usize size);
    UserSpan(AddressSpace& space, UserAddress address, usize size)
        : space_(&space), address_(address), size_(size) {}

    UserAddress address() const { return address_; }
    usize size() const { return size_; }
    bool empty() const { return size_ == 0; }
    UserSpan sub(usize start, usize count = ~usize{0}) const;

    // Copies `size` bytes to or from offset `at` of the span; all of it or EFAULT. What lies before
    // the page that failed may have been copied. at + size is inside the span.
    Result<void> copy_out(usize at, const void* from, usize size) const;
    Result<void> copy_in(usize at, void* to, usize size) const;
    // Makes `size` bytes at `at` zero.
    Result<void> fill_zero(usize at, usize size) const;

    // The bytes from `at` to the end of their page, held in memory for reading: for copying them
    // under locks that a page fault might need.
    struct Pinned {
        Ref<Frame> frame;
        ConstBytes bytes;
    };
    Result<Pinned> pin_for_reading(usize at) const;

  private:
    AddressSpace* space_ = nullptr;
    UserAddress address_;
    usize size_ = 0;
};

// One object of type T in user memory that the kernel reads (UserIn) or writes (UserOut), or an array
// that starts there.
template <typename T> class UserObject {
  public:
    constexpr explicit UserObject(UserAddress address) : address_(address) {}
    bool is_null() const { return address_.value == 0; }
    UserAddress address() const { return address_; }

  protected:
    UserSpan at(u64 index) const { return {address_ + index * sizeof(T), sizeof(T)}; }

  private:
    UserAddress address_;
};

template <typename T> class UserIn : public UserObject<T> {
  public:
    using UserObject<T>::UserObject;
    Result<T> read(u64 index = 0) const {
        T value;
        TRY(this->at(index).copy_in(0, &value, sizeof(T)));
        return value;
    }
};

template <typename T> class UserOut : public UserObject<T> {
  public:
    using UserObject<T>::UserObject;
    Result<void> write(const T& value, u64 index = 0) const {
        return this->at(index).copy_out(0, &value, sizeof(T));
    }
    // For results that the caller may not want.
    Result<void> write_unless_null(const T& value) const {
        return this->is_null() ? Result<void>() : write(value);
    }
};

// Copies a NUL-terminated string with its NUL into `to`; returns its length without it.
// EFAULT; `too_long` where it does not fit.
Result<usize> read_user_string(UserAddress address, Span<char> to, int too_long = ENAMETOOLONG);

// A path argument: at most PATH_MAX bytes with the NUL. ENAMETOOLONG, EFAULT.
class UserPath : Immovable {
  public:
    Result<void> read(UserAddress address);
    StringView view() const { return {text_, length_}; }

  private:
    static constexpr usize kSize = 4096;
    Owned<Array<char, kSize>> heap_;
    char small_[256];
    const char* text_ = small_;
    usize length_ = 0;
};
