// The strings that exec passes on, packed one after the other in kernel memory while the old address
// space goes and the new one comes: arguments first, then the environment.
#pragma once
#include "base/owned.h"
#include "process/user_memory.h"

// More strings than this are E2BIG.
inline constexpr usize kArgumentLimit = 1 << 20;
// One string with its NUL, as on Linux.
inline constexpr usize kStringLimit = 128 << 10;

class ArgumentBlock : Immovable {
  public:
    ~ArgumentBlock() { heap_free(text_); }

    // Appends the strings that a NULL-terminated array of user pointers names (a null array has
    // none). E2BIG, EFAULT, ENOMEM. Arguments before environment.
    Result<void> add_arguments(UserAddress array);
    Result<void> add_environment(UserAddress array);
    Result<void> add_argument(StringView text);
    Result<void> add_environment_string(StringView text);
    // Puts a string before the arguments, or drops the first one: for scripts.
    Result<void> prepend_argument(StringView text);
    void drop_first_argument();

    usize argument_count() const { return arguments_; }
    usize environment_count() const { return environment_; }
    ConstBytes text() const { return {reinterpret_cast<const u8*>(text_), used_}; }
    // The bytes of text() that are arguments.
    usize argument_bytes() const { return argument_bytes_; }

  private:
    Result<void> grow(usize more);
    Result<usize> add_strings(UserAddress array);
    Result<void> append(StringView text);

    char* text_ = nullptr;
    usize used_ = 0, capacity_ = 0;
    usize argument_bytes_ = 0;
    usize arguments_ = 0, environment_ = 0;
};
