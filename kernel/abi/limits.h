// Limits that programs may rely on, as Linux has them.
#pragma once

#define PATH_MAX 4096       // bytes in a path, with the final 0
#define NAME_MAX 255        // bytes in one component, without the final 0
#define PIPE_BUF 4096       // writes to a pipe up to this size are atomic
#define IOV_MAX 1024        // elements of an iovec array
#define SYMLOOP_MAX 40      // symbolic links followed in one lookup
