// The heap. Blocks come in size classes (two per doubling: 32, 48, 64, 96 ... bytes, header
// included); a freed block goes to the list of its class and is handed out again from there. New
// blocks are cut from the end of the break. From LARGEST up each block is a mapping of its own and
// goes back to the kernel when it is freed.
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SMALLEST 32ul
#define LARGEST (128ul * 1024)
#define CLASSES 26
#define PAGE 4096ul
#define GROW (16 * PAGE)  // the break moves by at least this much
#define MAPPED CLASSES    // the class number of a block with its own mapping

struct block {
    size_t size;  // with this header
    unsigned long class;
    struct block *next_free[];  // lies in the user's part: only while the block is free
};

static struct block *free_blocks[CLASSES];
static char *fresh, *fresh_end;  // the part of the break not cut yet

// Class 2k has SMALLEST << k bytes, class 2k+1 half as much again.
static size_t class_size(unsigned long class) {
    size_t size = SMALLEST << (class / 2);
    return class % 2 ? size + size / 2 : size;
}

static unsigned long class_of(size_t size) {
    if (size <= SMALLEST) return 0;
    // The largest for which SMALLEST << doublings is less than size.
    unsigned long doublings = 58ul - (unsigned long)__builtin_clzl(size - 1);
    unsigned long class = 2 * doublings;
    return size <= class_size(class + 1) ? class + 1 : class + 2;
}

static struct block *cut_fresh(size_t size) {
    if ((size_t)(fresh_end - fresh) < size) {
        size_t more = size > GROW ? size : GROW;
        char *start = sbrk((intptr_t)more);
        if (start == (void *)-1) return NULL;
        if (start != fresh_end) fresh = (char *)(((uintptr_t)start + 15) & ~15ul);
        fresh_end = start + more;
        if ((size_t)(fresh_end - fresh) < size) return cut_fresh(size);
    }
    struct block *block = (struct block *)fresh;
    fresh += size;
    return block;
}

static void *map_block(size_t size) {
    size = (size + PAGE - 1) & ~(PAGE - 1);
    struct block *block =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return NULL;
    block->size = size;
    block->class = MAPPED;
    return block + 1;
}

void *malloc(size_t size) {
    if (size > PTRDIFF_MAX - PAGE) {
        errno = ENOMEM;
        return NULL;
    }
    size += sizeof(struct block);
    if (size >= LARGEST) return map_block(size);
    unsigned long class = class_of(size);
    struct block *block = free_blocks[class];
    if (block) {
        free_blocks[class] = block->next_free[0];
    } else {
        block = cut_fresh(class_size(class));
        if (!block) return NULL;
        block->size = class_size(class);
        block->class = class;
    }
    return block + 1;
}

void free(void *memory) {
    if (!memory) return;
    struct block *block = (struct block *)memory - 1;
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): malloc() wrote what is before
    if (block->class == MAPPED) {
        int saved = errno;
        munmap(block, block->size);
        errno = saved;
        return;
    }
    block->next_free[0] = free_blocks[block->class];
    free_blocks[block->class] = block;
}

void *calloc(size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    void *memory = malloc(total);
    if (!memory) return NULL;
    // A mapping comes zeroed from the kernel.
    if (((struct block *)memory - 1)->class != MAPPED) memset(memory, 0, total);
    return memory;
}

void *realloc(void *memory, size_t size) {
    if (!memory) return malloc(size);
    struct block *block = (struct block *)memory - 1;
    size_t capacity = block->size - sizeof(struct block);
    int wastes_mapping = block->class == MAPPED && size < capacity / 4;
    if (size <= capacity && !wastes_mapping) return memory;
    void *moved = malloc(size);
    if (!moved) return NULL;
    memcpy(moved, memory, size < capacity ? size : capacity);
    free(memory);
    return moved;
}

void *reallocarray(void *memory, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(memory, total);
}
