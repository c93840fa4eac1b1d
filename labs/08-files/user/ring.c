// ring SEED COUNT: one process, both ends of a pipe, neither of which ever waits (O_NONBLOCK).
// Random amounts go in and come out. Prints each result, how many bytes lie in the pipe, and a hash
// of what has come out.
#include "lab.h"

static unsigned char in[160 * 1024], out[160 * 1024];

// Small amounts mostly; those around PIPE_BUF; those around the capacity.
static size_t draw_size(void) {
    uint64_t kind = lab_below(8);
    if (kind == 0) return lab_below(3);
    if (kind == 1) return 4090 + lab_below(12);
    if (kind == 2) return 65530 + lab_below(12);
    if (kind == 3) return lab_below(sizeof in);
    return lab_below(9000);
}

int main(int argc, char** argv) {
    lab_begin(argc, argv);
    uint64_t count = lab_argument(argc, argv, 2), sent = 0, hash = LAB_HASH;
    int ends[2];
    if (pipe2(ends, O_NONBLOCK) < 0) return 1;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t writes = lab_below(2);
        size_t size = draw_size();
        int held = -1;
        long result;
        if (writes) {
            for (size_t k = 0; k < size; k++) in[k] = (unsigned char) ((sent + k) * 167 >> 3);
            result = lab_call(SYS_write, ends[1], (long) in, (long) size, 0);
            if (result > 0) sent += (uint64_t) result;
        } else {
            result = lab_call(SYS_read, ends[0], (long) out, (long) size, 0);
            if (result > 0) hash = lab_hash(hash, out, (size_t) result);
        }
        ioctl(ends[0], FIONREAD, &held);
        say("%lu %ld %d %lx\n", (unsigned long) i, result, held, (unsigned long) hash);
    }
    say("end\n");
    return 0;
}
