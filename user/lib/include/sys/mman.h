// Memory mappings.
#pragma once

#include <abi/mman.h>
#include <sys/types.h>

// What the kernel has no use for; the rest is in abi/mman.h.
#define PROT_NONE 0
#define MAP_ANON MAP_ANONYMOUS
#define MAP_GROWSDOWN 0x0100
#define MAP_DENYWRITE 0x0800
#define MAP_EXECUTABLE 0x1000
#define MAP_LOCKED 0x2000
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_NONBLOCK 0x10000
#define MAP_STACK 0x20000
#define MAP_HUGETLB 0x40000
#define MAP_SYNC 0x80000
#define MAP_FAILED ((void *)-1)
#define MREMAP_DONTUNMAP 4
#define MADV_NORMAL 0
#define MADV_RANDOM 1
#define MADV_SEQUENTIAL 2
#define MADV_WILLNEED 3
#define MADV_REMOVE 9
#define MADV_DONTFORK 10
#define MADV_DOFORK 11
#define MADV_HUGEPAGE 14
#define MADV_NOHUGEPAGE 15

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int munmap(void *address, size_t length);
int mprotect(void *address, size_t length, int protection);
void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, ...);
int msync(void *address, size_t length, int flags);
int madvise(void *address, size_t length, int advice);
int mincore(void *address, size_t length, unsigned char *vector);
int memfd_create(const char *name, unsigned int flags);
