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
        return directory == parent.serial && length == name.size() &&
               memcmp(text, name.data(), length) == 0;
    }
};

struct Set {
    Entry entries[kWays];
};

constinit SpinLock cache_lock{LockRank::kNameCache, "name cache"};
constinit Set sets[kSets] GUARDED_BY(cache_lock);
constinit u32 use_clock GUARDED_BY(cache_lock) = 0;
constinit Atomic<u64> hits{0};
constinit Atomic<u64> misses{0};

// FNV-1a over the name, started from the directory.
usize hash(const Inode& directory, StringView name) {
    u64 value = 0xcbf29ce484222325 ^ directory.serial;
    for (char c : name) value = (value ^ static_cast<u8>(c)) * 0x100000001b3;
    return (value >> 32) % kSets;
}

Entry* find_locked(const Inode& directory, StringView name) REQUIRES(cache_lock) {
    for (Entry& entry : sets[hash(directory, name)].entries) {
        if (entry.is(directory, name)) return &entry;
    }
    return nullptr;
}

// The entry of the name's set that was used longest ago.
Entry& oldest_locked(const Inode& directory, StringView name) REQUIRES(cache_lock) {
    Entry* oldest = nullptr;
    for (Entry& entry : sets[hash(directory, name)].entries) {
        if (oldest == nullptr || entry.used < oldest->used) oldest = &entry;
    }
    return *oldest;
}

void put(const Inode& directory, StringView name, u64 ino) {
    if (name.size() > kLongestName) return;
    SpinGuard guard(cache_lock);
    Entry* entry = find_locked(directory, name);
    if (entry == nullptr) {
        entry = &oldest_locked(directory, name);
        entry->directory = directory.serial;
        entry->length = static_cast<u8>(name.size());
        memcpy(entry->text, name.data(), name.size());
    }
    entry->ino = ino;
    entry->used = ++use_clock;
}

}  // namespace

CachedName find_name(const Inode& directory, StringView name) {
    if (name.size() > kLongestName) return {};
    SpinGuard guard(cache_lock);
    Entry* entry = find_locked(directory, name);
    if (entry == nullptr) {
        misses.fetch_add(1);
        return {};
    }
    hits.fetch_add(1);
    entry->used = ++use_clock;
    if (entry->ino == 0) return {CachedName::State::kAbsent, 0};
    return {CachedName::State::kPresent, entry->ino};
}

void remember_name(const Inode& directory, StringView name, u64 ino) { put(directory, name, ino); }

void remember_absence(const Inode& directory, StringView name) { put(directory, name, 0); }

void forget_name(const Inode& directory, StringView name) {
    if (name.size() > kLongestName) return;
    SpinGuard guard(cache_lock);
    Entry* entry = find_locked(directory, name);
    if (entry != nullptr) *entry = {};
}

NameCacheStats name_cache_stats() { return {hits.load(), misses.load()}; }
