// Periodic write-back, and giving memory back when it is short. See flusher.h.
#include "io/flusher.h"

#include "io/cached_pages.h"
#include "io/file_system.h"

namespace {

constexpr u64 kInterval = 5 * kSecond;

constinit Atomic<bool> shrinking{false};

void flush_forever(void*) {
    for (;;) {
        (void) sleep_until(time_now() + kInterval);
        (void) sync_all_file_systems();  // fsync tells the program about errors
    }
}

// The hook of floor mm. What it frees may allocate nothing, but to be safe it does not nest.
bool reclaim(usize frames) {
    if (shrinking.exchange(true)) return false;
    usize given = shrink_file_caches(frames);
    shrinking.store(false);
    return given != 0;
}

}  // namespace

void start_flusher() {
    reclaim_memory = reclaim;
    Result<Ref<Thread>> flusher = Thread::create("flusher", flush_forever, nullptr);
    if (!flusher.ok()) panic("no memory for the flusher thread");
    flusher->get()->start();
}

void throttle_writer(Inode& inode) {
    if (page_cache_stats().dirty > memory_stats().total / 4) {
        (void) inode.pages.write_back();  // its errors wait for fsync
    }
}

usize shrink_file_caches(usize count) {
    usize given = shrink_page_cache(count);
    u64 device = 0;
    while (given < count) {
        Ref<FileSystem> fs = next_file_system(device);
        if (!fs) break;
        device = fs->device();
        given += fs->inodes.shrink(count - given);
    }
    return given;
}
