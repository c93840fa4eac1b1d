// Memory mappings.
#pragma once

#include <abi/mman.h>
#include <sys/types.h>

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int munmap(void *address, size_t length);
int mprotect(void *address, size_t length, int protection);
void *mremap(void *old_address, size_t old_size, size_t new_size, int flags, ...);
int msync(void *address, size_t length, int flags);
int madvise(void *address, size_t length, int advice);
int mincore(void *address, size_t length, unsigned char *vector);
int memfd_create(const char *name, unsigned int flags);
