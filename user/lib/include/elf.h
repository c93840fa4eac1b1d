// ELF files.
#pragma once

#include <abi/elf.h>
