// The host's stand-in for io/inode_file.h: nothing is opened here.
#pragma once
#include "io/inode.h"

class File : public RefCounted {};
class InodeFile final : public File {
  public:
    InodeFile(Ref<Inode>, u32, Inode::Use) {}
};
