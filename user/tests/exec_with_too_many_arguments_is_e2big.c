// Arguments and environment of four megabytes in all are refused with E2BIG; the caller lives on.
#include "check.h"

#define COUNT 64

int main(void) {
    size_t length = 64 * 1024;
    char *argument = malloc(length + 1), *words[COUNT + 1], *none[] = {NULL};
    memset(argument, 'a', length);
    argument[length] = 0;
    for (int i = 0; i < COUNT; i++) words[i] = argument;
    words[COUNT] = NULL;
    CHECK_FAILS(execve("/bin/false", words, none), E2BIG);
    CHECK_FAILS(execve("/bin/false", none, words), E2BIG);
    CHECK_IS(argument[length - 1], 'a');
    return 0;
}
