// The size of a kernel stack, 16 KiB, as a power of two; also for assembly. A sanitized kernel, whose
// variables have red zones, says another (kernel/sanitize/sanitize.mk).
#pragma once
#ifndef STACK_SHIFT
#define STACK_SHIFT 14
#endif
