// Prints how many arguments and variables it has got, and one hash over all of them.
#include <sys/auxv.h>

#include "lab.h"

int main(int argc, char **argv, char **envp) {
    uint64_t hash = LAB_HASH;
    int variables = 0;
    for (int i = 0; i < argc; i++) hash = lab_hash(hash, argv[i], strlen(argv[i]) + 1);
    for (; envp[variables]; variables++) {
        hash = lab_hash(hash, envp[variables], strlen(envp[variables]) + 1);
    }
    say("heard %d %d %lu\n", argc, variables, (unsigned long)hash);
    say("by %s\n", (const char *)getauxval(AT_EXECFN));
    return 0;
}
