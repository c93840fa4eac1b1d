// In a tree of forks each process keeps its own values, whatever the others write.
#include "check.h"

#define DEPTH 5

static char *memory;

static void grow(int level, int name) {
    memory[0] = (char)name;
    memory[PAGE * level] = (char)name;
    if (level < DEPTH) {
        pid_t children[2];
        for (int i = 0; i < 2; i++) {
            children[i] = (pid_t)CHECK_OK(fork());
            if (children[i] == 0) {
                CHECK_IS(memory[0], name);
                grow(level + 1, name * 2 + i);
                _exit(0);
            }
        }
        CHECK_IS(wait_for(children[0]), 0);
        CHECK_IS(wait_for(children[1]), 0);
    }
    CHECK_IS(memory[0], (char)name);
    for (int i = 1; i <= level; i++) CHECK_IS(memory[PAGE * i], (char)(name >> (level - i)));
    for (int i = level + 1; i <= DEPTH; i++) CHECK_IS(memory[PAGE * i], 0);
}

int main(void) {
    memory = new_pages(DEPTH + 1, MAP_PRIVATE);
    grow(1, 1);
    return 0;
}
