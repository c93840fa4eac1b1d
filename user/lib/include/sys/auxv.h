// The auxiliary vector that the kernel put on the first stack.
#pragma once

#include <elf.h>

unsigned long getauxval(unsigned long type);
