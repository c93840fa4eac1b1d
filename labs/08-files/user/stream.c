// stream SEED KIND COUNT: writers and a reader that wait for each other. KIND 0: writers of
// records, each written by one call of at most PIPE_BUF bytes, to a reader that is slow now and
// then. KIND 1: one writer of large pieces. Prints what the reader got from each writer, or who
// sleeps though nothing happens.
#include <limits.h>

#include "lab.h"

#define MOST    4
#define LARGEST (200 * 1024)

static struct {
    volatile uint64_t steps[MOST + 1];  // of each process; the last is the reader
    volatile int sleeping[MOST + 1];    // whether it is inside a call
    volatile uint64_t records[MOST], hashes[MOST], torn, early_ends, short_writes;
} * board;

struct header {
    uint16_t writer, size;
    uint32_t number;
};

static int ends[2];
static unsigned char buffer[LARGEST];

static void fill(unsigned char* bytes, size_t size, uint64_t seed) {
    for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char) ((seed + i) * 167 >> 4);
}

static void send_all(int writer, size_t size) {
    board->sleeping[writer] = 1;
    ssize_t sent = write(ends[1], buffer, size);
    board->sleeping[writer] = 0;
    board->steps[writer]++;
    if (sent != (ssize_t) size) board->short_writes++;
}

static _Noreturn void write_records(int writer, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        size_t size = lab_below(4) ? PIPE_BUF - lab_below(1200) : 8 + lab_below(200);
        struct header header = {(uint16_t) writer, (uint16_t) size, (uint32_t) i};
        fill(buffer, size, i * 31 + (uint64_t) writer);
        memcpy(buffer, &header, sizeof header);
        send_all(writer, size);
        if (lab_below(8) == 0) sched_yield();
    }
    _exit(0);
}

static _Noreturn void write_pieces(uint64_t count) {
    uint64_t sent = 0;
    for (uint64_t i = 0; i < count; i++) {
        size_t size = lab_below(3) == 0 ? lab_below(LARGEST) + 1 : lab_below(9000) + 1;
        fill(buffer, size, sent);
        send_all(0, size);
        sent += size;
    }
    _exit(0);
}

// Reads at least once, and until `size` bytes are there; how many, less at the end.
static size_t receive(unsigned char* to, size_t size, size_t most) {
    size_t got = 0;
    while (got < size) {
        size_t wanted = size - got < most ? size - got : most;
        board->sleeping[MOST] = 1;
        ssize_t count = read(ends[0], to + got, wanted);
        board->sleeping[MOST] = 0;
        board->steps[MOST]++;
        if (count <= 0) break;
        got += (size_t) count;
    }
    return got;
}

static _Noreturn void read_records(void) {
    for (;;) {
        struct header header;
        size_t most = 1 + lab_below(3 * PAGE);
        if (receive(buffer, sizeof header, most) < sizeof header) _exit(0);
        memcpy(&header, buffer, sizeof header);
        if (lab_below(3) == 0) lab_yield(2);  // while there is little room
        int writer = header.writer;
        if (writer >= MOST || header.size < sizeof header || header.size > PIPE_BUF ||
            header.number != board->records[writer]) {
            board->torn++;
            _exit(1);
        }
        if (receive(buffer + sizeof header, header.size - sizeof header, most) == 0 &&
            header.size > sizeof header) {
            board->early_ends++;
        }
        board->records[writer]++;
        board->hashes[writer] =
            lab_hash(board->hashes[writer] ? board->hashes[writer] : LAB_HASH, buffer, header.size);
        if (lab_below(3) == 0) lab_yield(4);  // the pipe is full most of the time
    }
}

static _Noreturn void read_pieces(void) {
    uint64_t hash = LAB_HASH;
    for (;;) {
        size_t most = lab_below(3) == 0 ? lab_below(LARGEST) + 1 : lab_below(20000) + 1;
        size_t got = receive(buffer, 1, most);  // one call, of 1 byte at least
        if (got == 0) break;
        board->records[0] += got;
        hash = lab_hash(hash, buffer, got);
        size_t more = receive(buffer, most, most);
        board->records[0] += more;
        hash = lab_hash(hash, buffer, more);
        if (lab_below(4) == 0) lab_yield(10);
    }
    board->hashes[0] = hash;
    _exit(0);
}

static uint64_t all_steps(void) {
    uint64_t sum = 0;
    for (int i = 0; i <= MOST; i++) sum += board->steps[i];
    return sum;
}

// Waits for all children, or until none of them has got on for a long time.
static int watch(int children) {
    struct timespec moment = {.tv_nsec = 2000000};
    uint64_t before = 0;
    for (int idle = 0; children > 0 && idle < 1000;) {
        while (children > 0 && waitpid(-1, NULL, WNOHANG) > 0) children--, idle = 0;
        uint64_t steps = all_steps();
        idle = steps == before ? idle + 1 : 0;
        before = steps;
        if (children > 0) nanosleep(&moment, NULL);
    }
    return children;
}

int main(int argc, char** argv) {
    uint64_t seed = lab_argument(argc, argv, 1), kind = lab_argument(argc, argv, 2);
    uint64_t count = lab_argument(argc, argv, 3);
    lab_begin(argc, argv);
    int writers = kind == 0 ? 2 + (int) lab_below(3) : 1;
    board = lab_shared(PAGE);
    if (pipe(ends) < 0) return 1;
    for (int i = 0; i < writers; i++) {
        if (fork() != 0) continue;
        close(ends[0]);
        lab_seed(seed + 1 + (uint64_t) i);
        if (kind == 0) write_records(i, count);
        write_pieces(count);
    }
    close(ends[1]);
    if (fork() == 0) {
        lab_seed(seed + 100);
        if (kind == 0) read_records();
        read_pieces();
    }
    int left = watch(writers + 1), held = -1;
    ioctl(ends[0], FIONREAD, &held);
    say("left %d in the pipe %d reader sleeps %d writers sleep", left, held,
        left > 0 && board->sleeping[MOST]);
    for (int i = 0; i < writers; i++) say(" %d", left > 0 && board->sleeping[i]);
    say(" .\ntorn %lu early %lu short %lu\n", (unsigned long) board->torn,
        (unsigned long) board->early_ends, (unsigned long) board->short_writes);
    for (int i = 0; i < writers; i++) {
        say("from %d %lu %lx\n", i, (unsigned long) board->records[i],
            (unsigned long) board->hashes[i]);
    }
    say("end\n");
    return 0;
}
