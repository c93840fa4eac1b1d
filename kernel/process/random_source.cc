// See random_source.h.
#include "process/random_source.h"

#include "cpu/init.h"
#include "cpu/machine.h"
#include "cpu/spinlock.h"
#include "cpu/time.h"

namespace {

constexpr usize kBlockSize = 64;
constexpr unsigned kKeyAt = 4, kCounterAt = 12, kNonceAt = 13;

constinit SpinLock random_lock{LockRank::kWait, "random numbers"};
// Constants, key, counter, nonce, as RFC 8439 lays them out.
constinit u32 state[16] GUARDED_BY(random_lock) = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

constexpr u32 rotate(u32 value, unsigned by) { return value << by | value >> (32 - by); }

void quarter_round(u32& a, u32& b, u32& c, u32& d) {
    a += b, d = rotate(d ^ a, 16);
    c += d, b = rotate(b ^ c, 12);
    a += b, d = rotate(d ^ a, 8);
    c += d, b = rotate(b ^ c, 7);
}

void next_block(u32 (&block)[16]) REQUIRES(random_lock) {
    u32 x[16];
    memcpy(x, state, sizeof x);
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < 4; i++) quarter_round(x[i], x[4 + i], x[8 + i], x[12 + i]);
        for (unsigned i = 0; i < 4; i++) {
            quarter_round(x[i], x[4 + (i + 1) % 4], x[8 + (i + 2) % 4], x[12 + (i + 3) % 4]);
        }
    }
    for (unsigned i = 0; i < 16; i++) block[i] = x[i] + state[i];
    if (++state[kCounterAt] == 0) state[kNonceAt]++;
}

void seed_random() {
    SpinGuard guard(random_lock);
    ConstBytes seed = device_tree().find("/chosen").property("rng-seed").value;
    memcpy(&state[kKeyAt], seed.data(), min(seed.size(), usize{32}));
    u64 now = time_now();
    memcpy(&state[kNonceAt + 1], &now, sizeof now);
}
INIT(Stage::kProcesses, seed_random);

}  // namespace

void fill_random(Bytes to) {
    u32 block[16];
    static_assert(sizeof block == kBlockSize);
    for (usize done = 0; done < to.size(); done += kBlockSize) {
        SpinGuard guard(random_lock);
        next_block(block);
        memcpy(to.data() + done, block, min(kBlockSize, to.size() - done));
    }
}
