// qsort (heapsort: in place, n log n on every input, no recursion) and bsearch.
#include <stdlib.h>
#include <string.h>

typedef int (*comparison)(const void *, const void *);

static void exchange(char *a, char *b, size_t size) {
    while (size-- > 0) {
        char c = *a;
        *a++ = *b;
        *b++ = c;
    }
}

// Lets the element at `root` sink until both its children are smaller.
static void sift(char *base, size_t root, size_t count, size_t size, comparison compare) {
    for (;;) {
        size_t child = 2 * root + 1;
        if (child >= count) return;
        char *p = base + child * size;
        if (child + 1 < count && compare(p, p + size) < 0) {
            child++;
            p += size;
        }
        if (compare(base + root * size, p) >= 0) return;
        exchange(base + root * size, p, size);
        root = child;
    }
}

void qsort(void *base, size_t count, size_t size, comparison compare) {
    if (count < 2) return;
    for (size_t root = count / 2; root-- > 0;) sift(base, root, count, size, compare);
    for (size_t last = count - 1; last > 0; last--) {
        exchange(base, (char *)base + last * size, size);
        sift(base, 0, last, size, compare);
    }
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, comparison compare) {
    const char *low = base;
    while (count > 0) {
        const char *middle = low + count / 2 * size;
        int order = compare(key, middle);
        if (order == 0) return (void *)middle;
        if (order > 0) {
            low = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}
