// Success or an error number, instead of exceptions: Errno, Result<T>, TRY and Defer.
// A function returns Result<T>; its caller says TRY(f()) to go on with the value or to return the
// error. Compare std::expected (C++23).
#pragma once
#include "abi/errno.h"
#include "base/new.h"
#include "base/panic.h"
#include "base/types.h"

// An error number of Linux's (abi/errno.h). It becomes negative in one place: the return from a
// system call.
struct [[nodiscard]] Errno {
    int number;
    friend constexpr bool operator==(Errno a, Errno b) { return a.number == b.number; }
};

template <typename T> class [[nodiscard]] Result {
  public:
    using Value = T;

    Result(const T& value) : value_(value), errno_(0) {}
    Result(T&& value) : value_(move(value)), errno_(0) {}
    template <typename U>
    // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): the constraint leaves moves out
    requires(__is_constructible(T, U&&) && !__is_constructible(Errno, U&&)) Result(U&& value)
        : value_(forward<U>(value)), errno_(0) {}
    Result(Errno error) : errno_(error.number) { ASSERT(errno_ != 0); }
    Result(Result&& other) : errno_(other.errno_) {
        if (ok()) new (&value_) T(move(other.value_));
    }
    Result& operator=(Result&& other) {
        if (this != &other) {
            this->~Result();
            new (this) Result(move(other));
        }
        return *this;
    }
    ~Result() {
        if (ok()) value_.~T();
    }

    bool ok() const { return errno_ == 0; }
    explicit operator bool() const { return ok(); }
    Errno error() const { return Errno{errno_}; }

    // The value; a bug where there is none.
    T& value() & {
        ASSERT(ok());
        return value_;
    }
    T value() && {
        ASSERT(ok());
        return move(value_);
    }
    T value_or(T other) && { return ok() ? move(value_) : move(other); }
    T* operator->() { return &value(); }
    T& operator*() { return value(); }

  private:
    union {
        T value_;
    };
    int errno_;
};

template <> class [[nodiscard]] Result<void> {
  public:
    using Value = void;

    constexpr Result() : errno_(0) {}
    constexpr Result(Errno error) : errno_(error.number) {}

    bool ok() const { return errno_ == 0; }
    explicit operator bool() const { return ok(); }
    Errno error() const { return Errno{errno_}; }
    void value() const { ASSERT(ok()); }

  private:
    int errno_;
};

// The value of a Result, or a return from this function with its error. One TRY per statement.
#define TRY(expression)                                                                            \
    ({                                                                                             \
        auto try_result_ = (expression);                                                           \
        if (!try_result_.ok()) [[unlikely]] {                                                      \
            return try_result_.error();                                                            \
        }                                                                                          \
        move(try_result_).value();                                                                 \
    })

// Runs `action` when the block ends, unless cancelled: undoing half of a function that may fail.
template <typename F> class Defer : Immovable {
  public:
    explicit Defer(F action) : action_(move(action)) {}
    ~Defer() {
        if (armed_) action_();
    }
    void cancel() { armed_ = false; }

  private:
    F action_;
    bool armed_ = true;
};
