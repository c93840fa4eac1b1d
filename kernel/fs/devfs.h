// /dev: a file system in memory that starts with a node for each device there is.
#pragma once
#include "io/file_system.h"

// Drivers of null, zero, full, random and urandom. Once.
void start_memory_devices();
// A new /dev; all of them show the same devices. ENOMEM.
Result<Ref<FileSystem>> create_devfs();
