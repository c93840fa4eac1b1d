// Blocks of memory. The loops go by whole words where both sides are aligned alike: the kernel's
// and the pipes' throughput in lectures is measured through these.
#include <stdint.h>
#include <string.h>
#include <strings.h>

// Words that may alias anything.
typedef uint64_t __attribute__((may_alias)) word;

#define WORD sizeof(word)
#define IS_ALIGNED(address) ((uintptr_t)(address) % WORD == 0)

void *memcpy(void *to, const void *from, size_t size) {
    unsigned char *out = to;
    const unsigned char *in = from;
    if (((uintptr_t)out ^ (uintptr_t)in) % WORD == 0) {
        for (; size > 0 && !IS_ALIGNED(out); size--) *out++ = *in++;
        for (; size >= 8 * WORD; size -= 8 * WORD, out += 8 * WORD, in += 8 * WORD) {
            word *o = (word *)out;
            const word *i = (const word *)in;
            word a = i[0], b = i[1], c = i[2], d = i[3];
            o[0] = a, o[1] = b, o[2] = c, o[3] = d;
            a = i[4], b = i[5], c = i[6], d = i[7];
            o[4] = a, o[5] = b, o[6] = c, o[7] = d;
        }
        for (; size >= WORD; size -= WORD, out += WORD, in += WORD) *(word *)out = *(word *)in;
    }
    while (size-- > 0) *out++ = *in++;
    return to;
}

void *mempcpy(void *to, const void *from, size_t size) {
    return (char *)memcpy(to, from, size) + size;
}

void *memmove(void *to, const void *from, size_t size) {
    unsigned char *out = to;
    const unsigned char *in = from;
    // Forwards is right unless the end of the source would be overwritten before it is read.
    if ((uintptr_t)out - (uintptr_t)in >= size) return memcpy(to, from, size);
    out += size;
    in += size;
    if (((uintptr_t)out ^ (uintptr_t)in) % WORD == 0) {
        for (; size > 0 && !IS_ALIGNED(out); size--) *--out = *--in;
        for (; size >= WORD; size -= WORD) {
            out -= WORD;
            in -= WORD;
            *(word *)out = *(const word *)in;
        }
    }
    while (size-- > 0) *--out = *--in;
    return to;
}

void *memset(void *memory, int c, size_t size) {
    unsigned char *out = memory;
    word pattern = 0x0101010101010101ul * (unsigned char)c;
    for (; size > 0 && !IS_ALIGNED(out); size--) *out++ = (unsigned char)c;
    for (; size >= 4 * WORD; size -= 4 * WORD, out += 4 * WORD) {
        word *o = (word *)out;
        o[0] = pattern, o[1] = pattern, o[2] = pattern, o[3] = pattern;
    }
    for (; size >= WORD; size -= WORD, out += WORD) *(word *)out = pattern;
    while (size-- > 0) *out++ = (unsigned char)c;
    return memory;
}

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *x = a, *y = b;
    if (IS_ALIGNED(x) && IS_ALIGNED(y)) {
        for (; size >= WORD && *(const word *)x == *(const word *)y; size -= WORD) {
            x += WORD;
            y += WORD;
        }
    }
    for (; size > 0; size--, x++, y++) {
        if (*x != *y) return *x - *y;
    }
    return 0;
}

void *memchr(const void *memory, int c, size_t size) {
    const unsigned char *p = memory;
    for (; size > 0; size--, p++) {
        if (*p == (unsigned char)c) return (void *)p;
    }
    return NULL;
}

void *memrchr(const void *memory, int c, size_t size) {
    const unsigned char *p = memory;
    while (size-- > 0) {
        if (p[size] == (unsigned char)c) return (void *)(p + size);
    }
    return NULL;
}

void *memmem(const void *hay, size_t hay_size, const void *needle, size_t needle_size) {
    const char *p = hay;
    if (needle_size == 0) return (void *)p;
    for (; hay_size >= needle_size; p++, hay_size--) {
        if (*p == *(const char *)needle && memcmp(p, needle, needle_size) == 0) return (void *)p;
    }
    return NULL;
}

void bzero(void *memory, size_t size) {
    memset(memory, 0, size);
}

int ffs(int value) {
    return __builtin_ffs(value);
}
