/* Takes memory and writes to it until there is no more, then ends by itself if it can. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define PIECE (1 << 20)

int main(void) {
    long pieces = 0;
    for (;;) {
        char* piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (piece == MAP_FAILED) {
            break;
        }
        memset(piece, 0xa5, PIECE);
        pieces++;
    }
    printf("mmap was refused after %ld MiB\n", pieces);
    return 0;
}
