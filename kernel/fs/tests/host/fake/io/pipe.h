// The host's stand-in for io/pipe.h: nothing is piped here.
#pragma once
#include "io/inode_file.h"

class Pipe : public RefCounted {};
inline Result<Ref<File>> open_fifo(Inode&, u32) { return Errno{ENXIO}; }
