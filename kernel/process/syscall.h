// System calls: a typed function each, registered under its name in abi/syscalls.tbl:
//
//     static Result<void> sys_close(int fd) { … }
//     SYSCALL(close);
//
// The result is a number, or void, which answers 0. Arguments come from a0 … a5, converted by type:
// integers are cut to their width, UserAddress, UserIn<T> and UserOut<T> take the address. An Errno
// becomes a negative result in one place (syscall.cc). What is missing answers ENOSYS, with a line
// in the log the first time.
#pragma once
#include "abi/syscall_numbers.h"
#include "base/table.h"
#include "cpu/trap.h"
#include "process/user_memory.h"

struct SyscallEntry {
    u32 number;
    const char* name;
    Result<i64> (*call)(TrapFrame& frame);
};
TABLE_BOUNDS(SyscallEntry, syscall)

template <typename T> T syscall_argument(u64 value) {
    if constexpr (__is_class(T)) {
        return T(UserAddress(value));
    } else {
        return static_cast<T>(value);
    }
}
template <> inline UserAddress syscall_argument<UserAddress>(u64 value) {
    return UserAddress(value);
}

// The numbers 0 … N - 1 as a type, to walk a list of arguments with.
template <usize... I> struct Indices {};
template <usize N, usize... I> struct MakeIndices : MakeIndices<N - 1, N - 1, I...> {};
template <usize... I> struct MakeIndices<0, I...> { using Type = Indices<I...>; };

// Unpacks the arguments of `function` from a0 on, which stand one after the other in the frame, and
// makes its result an i64.
template <auto function> struct SyscallAdapter;
template <typename T, typename... Args, Result<T> (*function)(Args...)>
struct SyscallAdapter<function> {
    static Result<i64> call(TrapFrame& frame) {
        return call_with(&frame.a0, typename MakeIndices<sizeof...(Args)>::Type());
    }

  private:
    template <usize... I> static Result<i64> call_with(const u64* registers, Indices<I...>) {
        static_cast<void>(registers);
        Result<T> result = function(syscall_argument<Args>(registers[I])...);
        if (!result.ok()) return result.error();
        if constexpr (__is_same(T, void)) {
            return 0;
        } else {
            return static_cast<i64>(*result);
        }
    }
};

#define SYSCALL(name) SYSCALL_AS(name, sys_##name)
// For a function that answers several calls.
#define SYSCALL_AS(name, function)                                                                 \
    TABLE_ENTRY(syscall)                                                                           \
    SyscallEntry syscall_entry_##name = {SYS_##name, #name, SyscallAdapter<function>::call}

void dispatch_syscall(TrapFrame& frame);
// For calls that need registers themselves: fork, sigreturn. Valid during a system call.
TrapFrame& current_user_frame();
