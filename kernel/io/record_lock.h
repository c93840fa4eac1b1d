// Locks on ranges of files that processes ask for: fcntl's F_GETLK, F_SETLK and F_SETLKW. They are
// advice: only who asks is kept out. A process loses its locks on a file as soon as it closes any
// descriptor of it, and when it ends. And flock's, on whole files: they belong to an open file, and
// go with it. Neither kind keeps the other out. Reference: fcntl(2), flock(2).
#pragma once
#include "process/file.h"
#include "process/process.h"

class ProcessFiles;

// Does the command with the struct flock at `argument`. EAGAIN where another process is in the way
// (F_SETLK), EINTR, EBADF for a file without an inode or without the access mode, EINVAL.
Result<void> record_lock(File& file, int command, UserAddress argument);
// flock(2), the operation of which has been checked: EAGAIN, EINTR, EBADF for a file without an inode.
Result<void> whole_lock(File& file, u32 operation);
// The open file dies.
void release_whole_lock(const File& file);
// The current process closes `file`.
void release_record_locks(File& file);
// The process that these belong to has ended.
void release_all_record_locks(const ProcessFiles& owner);
