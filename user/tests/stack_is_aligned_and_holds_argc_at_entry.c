// A program starts with argc at an address that is a multiple of 16, then argv, a null pointer,
// the environment and a null pointer, as the System V ABI has it.
#include "check.h"

int main(int argc, char **argv, char **envp) {
    CHECK_IS((unsigned long)(argv - 1) % 16, 0);
    CHECK_IS(((long *)argv)[-1], argc);
    CHECK(argc >= 1);
    CHECK(argv[argc] == NULL);
    CHECK_IS(envp, argv + argc + 1);
    return 0;
}
