// clan SEED CHILDREN DEPTH PAGES: a family of processes, CHILDREN of each down to DEPTH generations.
// Each writes at random to PAGES pages that it has from its parent, before, between and after its
// forks. In the end each leaves a hash of what it sees; the first one prints them all.
#include "lab.h"

#define MOST_PAGES 64
#define MOST_NODES 128

static uint64_t memory[MOST_PAGES * PAGE / 8];  // half of what is inherited; the other half is mapped
static uint64_t *mapped, pages, children, seed;
static volatile uint64_t *hashes;

static void write_somewhere(void) {
    for (uint64_t count = lab_below(9); count > 0; count--) {
        uint64_t at = lab_below(pages * PAGE / 8), value = lab_next();
        (value % 2 == 0 ? memory : mapped)[at] = value;
    }
}

static void live(uint64_t node, uint64_t depth) {
    uint64_t total = 0;
    lab_seed(seed + node * 1000003);
    write_somewhere();
    for (uint64_t i = 0; i < children && depth > 0; i++) {
        uint64_t child = node * children + i + (children == 1);
        pid_t pid = fork();
        if (pid == 0) {
            live(child, depth - 1);
            _exit((int)(child & 127));
        }
        if (pid < 0) _exit(99);
        write_somewhere();
    }
    for (uint64_t i = 0; i < children && depth > 0; i++) {
        int status = -1;
        wait(&status);
        total += (uint64_t)status;
        write_somewhere();
    }
    hashes[node] = lab_hash_words(memory, pages * PAGE) + 3 * lab_hash_words(mapped, pages * PAGE) + total;
}

int main(int argc, char **argv) {
    seed = lab_argument(argc, argv, 1), children = lab_argument(argc, argv, 2);
    uint64_t depth = lab_argument(argc, argv, 3);
    pages = lab_argument(argc, argv, 4);
    hashes = lab_shared(MOST_NODES * 8);
    mapped = mmap(NULL, MOST_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    live(1, depth);
    for (uint64_t node = 0; node < MOST_NODES; node++) {
        if (hashes[node] != 0) say("%lu %lu\n", (unsigned long)node, (unsigned long)hashes[node]);
    }
    say("end\n");
    return 0;
}
