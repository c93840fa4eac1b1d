// Small arithmetic of <stdlib.h>, and pseudo-random numbers (xorshift64*).
#include <stdint.h>
#include <stdlib.h>

int abs(int value) {
    return value < 0 ? -value : value;
}

long labs(long value) {
    return value < 0 ? -value : value;
}

div_t div(int numerator, int denominator) {
    return (div_t){numerator / denominator, numerator % denominator};
}

ldiv_t ldiv(long numerator, long denominator) {
    return (ldiv_t){numerator / denominator, numerator % denominator};
}

static uint64_t state = 0x9e3779b97f4a7c15;

void srandom(unsigned int seed) {
    state = (seed + 1ul) * 0x9e3779b97f4a7c15;
}

long random(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (long)(state * 0x2545f4914f6cdd1d >> 33);
}

void srand(unsigned int seed) {
    srandom(seed);
}

int rand(void) {
    return (int)random();
}
