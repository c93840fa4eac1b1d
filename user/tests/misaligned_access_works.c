// Loads and stores at odd addresses work, also across the border of two pages.
#include "check.h"

int main(void) {
    char *memory = new_pages(2, MAP_PRIVATE);
    for (long at = PAGE - 9; at < PAGE + 2; at++) {
        *(volatile unsigned long *)(memory + at) = 0x0123456789abcdef;
        CHECK_IS(memory[at], (char)0xef);
        CHECK_IS(memory[at + 7], 0x01);
        CHECK_IS(*(volatile unsigned *)(memory + at + 3), 0x23456789);
        CHECK_IS(*(volatile unsigned short *)(memory + at + 1), 0xabcd);
    }
    return 0;
}
