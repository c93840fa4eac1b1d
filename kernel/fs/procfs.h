// /proc: the kernel's state as files of text, in Linux's forms, so that ps, free, mount and the like
// need nothing else. The text is made when a file is read from its start.
#pragma once
#include "io/file_system.h"

Result<Ref<FileSystem>> create_procfs();
