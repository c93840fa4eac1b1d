// Where there is no memory for a regular expression it is refused, and what it had taken by then can be
// had again.
#include <pattern.h>

#include "check.h"

#define NODE_ROOM  64  // a node of the parser's tree
#define LEAST_ROOM 1

// Takes blocks for `size` bytes until there is none; how many they were. Each holds the next one's place.
static long take_all(size_t size, void **blocks) {
    long count = 0;
    for (void **block; (block = malloc(size)) != NULL; count++) {
        *block = *blocks;
        *blocks = block;
    }
    return count;
}

static void give_back(void **blocks, long count) {
    for (; count > 0 && *blocks; count--) {
        void **block = *blocks;
        *blocks = *block;
        free(block);
    }
}

int main(void) {
    static const char text[] = "(goose|[a-m]{2,3})+x?";
    const char *error = NULL;
    struct pattern *pattern = pattern_compile(text, PATTERN_EXTENDED, &error);
    CHECK(pattern);
    pattern_free(pattern);  // so that there are blocks for all but the tree

    // Nothing is left, and the break cannot grow.
    char *end = (char *)(((unsigned long)sbrk(0) + PAGE - 1) & -(unsigned long)PAGE);
    CHECK_IS(mmap(end, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), end);
    void *nodes = NULL, *least = NULL;
    take_all(NODE_ROOM, &nodes);
    take_all(LEAST_ROOM, &least);

    long room = 0;
    for (;; room++) {
        give_back(&nodes, room);
        pattern = pattern_compile(text, PATTERN_EXTENDED, &error);
        if (pattern) break;
        CHECK_TEXT(error, "Memory exhausted");
        CHECK_IS(take_all(NODE_ROOM, &nodes), room);
        CHECK_IS(take_all(LEAST_ROOM, &least), 0);
    }
    CHECK(room > 10);
    CHECK_IS(pattern_match(pattern, "goosegoosex", 11, 0), 11);
    pattern_free(pattern);
    CHECK_IS(take_all(NODE_ROOM, &nodes), room);
    return 0;
}
