// echo_bytes SEED TOTAL: says "ready", reads TOTAL bytes in pieces of random size, and writes each back
// changed by a random xor, in pieces of random size too. Then it writes 6000 random bytes in large
// pieces, and how often something was wrong.
#include "lab.h"

int main(int argc, char **argv) {
    static unsigned char in[512], out[512];
    lab_seed(lab_argument(argc, argv, 1));
    uint64_t left = lab_argument(argc, argv, 2), too_many = 0;
    lab_call(SYS_write, 1, (long)"ready\n", 6);
    while (left > 0) {
        uint64_t wanted = 1 + lab_below(sizeof in);
        if (wanted > left) wanted = left;
        long count = lab_call(SYS_read, 0, (long)in, (long)wanted);
        if (count <= 0 || (uint64_t)count > wanted) {
            too_many++;
            break;
        }
        // The key depends on where the byte stands only, as reads may end anywhere.
        for (long i = 0; i < count; i++) {
            uint64_t place = lab_argument(argc, argv, 2) - left + (uint64_t)i;
            out[i] = in[i] ^ (unsigned char)(place * 167 + lab_argument(argc, argv, 1));
        }
        for (long at = 0; at < count;) {
            long piece = 1 + (long)(lab_below(9) == 0 ? lab_below(3) : lab_below(300));
            if (piece > count - at) piece = count - at;
            if (lab_call(SYS_write, 1, (long)out + at, piece) != piece) too_many++;
            at += piece;
        }
        left -= (uint64_t)count;
    }
    // At last much at once.
    static unsigned char block[6000];
    lab_seed(lab_argument(argc, argv, 1) + 1);
    for (size_t i = 0; i < sizeof block; i++) block[i] = (unsigned char)lab_next();
    for (long at = 0; at < (long)sizeof block;) {
        long piece = 1 + (long)lab_below(1500);
        if (piece > (long)sizeof block - at) piece = (long)sizeof block - at;
        if (lab_call(SYS_write, 1, (long)block + at, piece) != piece) too_many++;
        at += piece;
    }
    say("end %lu %lu\n", (unsigned long)left, (unsigned long)too_many);
    return 0;
}
