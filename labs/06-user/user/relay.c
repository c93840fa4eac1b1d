// relay SEED COUNT LONGEST: attempts of exec that fail, after each of which nothing has changed, and
// then one of listener with COUNT random arguments and COUNT variables.
#include "lab.h"

static unsigned char memory[5 * PAGE];

static char *random_text(uint64_t longest) {
    uint64_t edge = PAGE - 17 + lab_below(20), any = lab_below(longest);
    uint64_t size = lab_below(4) == 0 ? edge : any;
    static char pool[1 << 19], *free_from = pool;
    char *text = free_from;
    for (uint64_t i = 0; i < size; i++) text[i] = (char)('a' + lab_below(26));
    free_from += size + 1;
    return text;
}

int main(int argc, char **argv) {
    static char *words[64], *variables[64];
    static const char *bad[] = {"/missing", "/junk0", "/junk1", "/junk2", "/junk3", "/junk4"};
    uint64_t seed = lab_argument(argc, argv, 1), count = lab_argument(argc, argv, 2);
    lab_seed(seed);
    for (size_t i = 0; i < sizeof memory; i++) memory[i] = (unsigned char)lab_next();
    uint64_t before = lab_hash(LAB_HASH, memory, sizeof memory);
    char *none[] = {"x", NULL};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        say("%s %ld\n", bad[i], lab_call(SYS_execve, (long)bad[i], (long)none, (long)none));
    }
    char *wild[] = {"x", (char *)0xffffffc080400000ul, NULL};
    say("wild %ld\n", lab_call(SYS_execve, (long)"/listener", (long)wild, (long)none));
    uint64_t after = lab_hash(LAB_HASH, memory, sizeof memory);
    say("memory %d\n", before == after);
    for (uint64_t i = 0; i < count; i++) words[i] = random_text(lab_argument(argc, argv, 3));
    for (uint64_t i = 0; i < count; i++) variables[i] = random_text(lab_argument(argc, argv, 3));
    execve("/listener", words, variables);
    say("exec failed\n");
    return 1;
}
