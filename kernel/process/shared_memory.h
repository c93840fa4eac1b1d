// Pagers of floor process itself: memory shared between a process and its children
// (MAP_SHARED | MAP_ANONYMOUS), and the one page that returns from signal handlers.
#pragma once
#include "process/pager.h"

// `pages` pages that start as zeroes and live as long as someone maps them. ENOMEM.
Result<Ref<Pager>> make_shared_memory(u64 pages);

// The page with `li a7, 139; ecall`, which debuggers and unwinders know by these two words.
Ref<Pager> trampoline_pager();
