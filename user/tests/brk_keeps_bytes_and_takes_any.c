// The break may be at any byte; growing it leaves what is below as it is.
#include "check.h"

int main(void) {
    char *start = sbrk(0);
    for (int i = 1; i <= 300; i++) {
        char *before = (char *)CHECK_OK(sbrk(i));
        memset(before, i, (size_t)i);
    }
    char *at = start;
    for (int i = 1; i <= 300; i++) {
        for (int n = 0; n < i; n++) CHECK_IS(*at++, (char)i);
    }
    CHECK_IS(sbrk(0), at);
    return 0;
}
