// What system calls do with a file descriptor argument and a buffer before they move bytes.
#pragma once
#include "process/file.h"

// The open file for a transfer in this direction: EBADF where there is none or its mode forbids it.
Result<Ref<File>> file_for_reading(int fd);
Result<Ref<File>> file_for_writing(int fd);

// No call moves more bytes than this, so that a count always fits in an int: as on Linux.
inline constexpr u64 kMostBytes = 0x7fff'f000;
inline UserSpan buffer_at(UserAddress address, u64 size) {
    return {address, min(size, kMostBytes)};
}
