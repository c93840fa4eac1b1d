// Blocks of up to 4096 bytes that several processes write to one pipe are never mixed.
#include "check.h"

#define WRITERS 4
#define BLOCKS 30
#define SIZE 4096

static int ends[2];
static int letter;

static void write_blocks(void) {
    static char block[SIZE];
    memset(block, letter, SIZE);
    for (int i = 0; i < BLOCKS; i++) CHECK_IS(write(ends[1], block, SIZE), SIZE);
}

int main(void) {
    static char block[SIZE];
    pid_t children[WRITERS];
    CHECK_OK(pipe(ends));
    for (int i = 0; i < WRITERS; i++) {
        letter = 'a' + i;
        children[i] = start_child(write_blocks);
    }
    CHECK_OK(close(ends[1]));
    for (int n = 0; n < WRITERS * BLOCKS; n++) {
        for (long have = 0, count; have < SIZE; have += count) {
            count = CHECK_OK(read(ends[0], block + have, (size_t)(SIZE - have)));
            CHECK(count > 0);
        }
        for (int i = 1; i < SIZE; i++) CHECK_IS(block[i], block[0]);
    }
    for (int i = 0; i < WRITERS; i++) CHECK_IS(wait_for(children[i]), 0);
    return 0;
}
