// Locks on ranges of files that processes ask for: fcntl's F_GETLK, F_SETLK and F_SETLKW. They are
// advice: only who asks is kept out. A process loses its locks on a file as soon as it closes any
// descriptor of it, and when it ends. Reference: fcntl(2).
#pragma once
#include "process/file.h"
#include "process/process.h"

class ProcessFiles;

// Does the command with the struct flock at `argument`. EAGAIN where another process is in the way
// (F_SETLK), EINTR, EBADF for a file without an inode or without the access mode, EINVAL.
Result<void> record_lock(File& file, int command, UserAddress argument);
// The current process closes `file`.
void release_record_locks(File& file);
// The process that these belong to has ended.
void release_all_record_locks(const ProcessFiles& owner);
