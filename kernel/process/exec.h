// exec: the current process becomes another program.
#pragma once
#include "process/argument_block.h"

// Replaces memory and registers of the current process by those of the program at `path`, or of the
// interpreter that its first line names after "#!". On success the caller returns to user mode at
// the new program's entry; on failure the process is as it was. ENOENT, EACCES, ENOEXEC, E2BIG,
// ENOMEM, ELOOP, EIO.
Result<void> execute(StringView path, ArgumentBlock& arguments);
