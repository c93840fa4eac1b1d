// The name cache: a table of sets of four entries; a name can only be in the set that its hash
// chooses. See name_cache.h.
#include "fs/name_cache.h"

namespace {

constexpr usize kLongestName = 31;
constexpr usize kSets = 512;
constexpr usize kWays = 4;

struct Entry {
    u64 directory = 0;  // Inode::serial, which is never 0
    u64 ino = 0;        // 0: there is no such name
    u32 used = 0;       // the clock when it was last found
    u8 length = 0;
    char text[kLongestName] = {};

    bool is(const Inode& parent, StringView name) const {
        return directory == parent.serial && StringView(text, length) == name;
    }
};

constinit SpinLock cache_lock{LockRank::kNameCache, "name cache"};
constinit Entry sets[kSets][kWays] GUARDED_BY(cache_lock);
constinit u32 use_clock GUARDED_BY(cache_lock) = 0;

// The name's entry; where it has none, that of its set which was used longest ago.
Entry& entry_for(const Inode& directory, StringView name) REQUIRES(cache_lock) {
    u64 hash = 0xcbf29ce484222325 ^ directory.serial;  // FNV-1a, started from the directory
    for (char c : name) hash = (hash ^ static_cast<u8>(c)) * 0x100000001b3;
    Entry(&set)[kWays] = sets[(hash >> 32) % kSets];
    Entry* oldest = &set[0];
    for (Entry& entry : set) {
        if (entry.is(directory, name)) return entry;
        if (entry.used < oldest->used) oldest = &entry;
    }
    return *oldest;
}

}  // namespace

bool find_name(const Inode& directory, StringView name, u64& ino) {
    SpinGuard guard(cache_lock);
    Entry& entry = entry_for(directory, name);
    if (!entry.is(directory, name)) return false;
    entry.used = ++use_clock;
    ino = entry.ino;
    return true;
}

void remember_name(const Inode& directory, StringView name, u64 ino) {
    if (name.size() > kLongestName) return;
    SpinGuard guard(cache_lock);
    Entry& entry = entry_for(directory, name);
    entry.directory = directory.serial;
    entry.ino = ino;
    entry.used = ++use_clock;
    entry.length = static_cast<u8>(name.size());
    memcpy(entry.text, name.data(), name.size());
}

void forget_name(const Inode& directory, StringView name) {
    SpinGuard guard(cache_lock);
    Entry& entry = entry_for(directory, name);
    if (entry.is(directory, name)) entry = {};
}
