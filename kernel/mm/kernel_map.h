// The kernel's own page table, whose upper half all address spaces share: the linear map of devices
// and RAM with proper permissions, and the kernel stacks. No page is both writable and executable.
// The top-level entries of the kernel half never change after boot, so tables made later agree.
#pragma once
#include "mm/page_table.h"

// For harts and threads without an address space; nothing is mapped in its user half.
PageTable& kernel_page_table();

// Builds the table from machine() and the linker's symbols, and switches this hart to it. Other
// harts come up on it.
void initialise_kernel_map();
