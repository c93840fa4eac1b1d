// How a volume stands: whether it may be written, whether it is marked as in order, what has been
// found damaged, and how its counters get to the disk.
#include "base/format.h"
#include "cpu/console.h"
#include "cpu/rtc.h"
#include "fs/ext2/volume.h"

namespace {

constexpr u32 kMaxReports = 20;

u32 seconds_now() { return static_cast<u32>(wall_clock_now() / 1'000'000'000); }

}  // namespace

Result<void> Ext2Volume::allow_writing() {
    if (device_.read_only() || unknown_ro_features_) return Errno{EROFS};
    MutexGuard guard(lock_);
    if (!writable_) {
        was_clean_ = (super_->s_state & EXT2_VALID_FS) != 0;
        if (!was_clean_) {
            kprintf("ext2 on %s: was not unmounted in order; e2fsck is advised\n", device_.name());
        }
        super_->s_mtime = seconds_now();
        super_->s_mnt_count++;
        super_->s_state &= static_cast<u16>(~EXT2_VALID_FS);
        super_block_->mark_dirty();
        writable_ = true;
    }
    return {};
}

// Two threads may come here at once, and only one of them changes the superblock. What a sync() at
// the same moment writes may miss it: then the mark is one change late, which only e2fsck sees, and
// only after a crash.
void Ext2Volume::unmark_clean() {
    if (marked_clean_.exchange(false)) {
        super_->s_state &= static_cast<u16>(~EXT2_VALID_FS);
        super_block_->mark_dirty();
    }
}

void Ext2Volume::need_large_files() {
    MutexGuard guard(lock_);
    if ((super_->s_feature_ro_compat & EXT2_FEATURE_RO_COMPAT_LARGE_FILE) == 0) {
        super_->s_feature_ro_compat |= EXT2_FEATURE_RO_COMPAT_LARGE_FILE;
        mark_dirty(*super_block_);
    }
}

Result<void> Ext2Volume::sync(State state) {
    if (writable_ && state == State::kClean && was_clean_ && !marked_clean_.load()) {
        TRY(cache_->sync());  // a crash on the way must not leave a disk that only looks in order
    }
    if (writable_) {
        MutexGuard guard(lock_);
        bool counters_changed = super_->s_free_blocks_count != free_blocks_ ||
                                super_->s_free_inodes_count != free_inodes_;
        bool becomes_clean = state == State::kClean && was_clean_ && !marked_clean_.load();
        if (counters_changed || becomes_clean) {
            super_->s_free_blocks_count = free_blocks_;
            super_->s_free_inodes_count = free_inodes_;
            super_->s_wtime = seconds_now();
            super_->s_state |= becomes_clean ? EXT2_VALID_FS : 0;
            super_block_->mark_dirty();
        }
        if (becomes_clean) marked_clean_.store(true);
    }
    return cache_->sync();
}

void Ext2Volume::statistics(struct statfs& result) {
    MutexGuard guard(lock_);
    result.f_type = EXT2_SUPER_MAGIC;
    result.f_bsize = result.f_frsize = block_size_;
    result.f_blocks = block_count_ - first_data_block_ - min(overhead_, block_count_ - 1);
    result.f_bfree = free_blocks_;
    u32 for_root = super_->s_r_blocks_count;
    result.f_bavail = free_blocks_ > for_root ? free_blocks_ - for_root : 0;
    result.f_files = inode_count_;
    result.f_ffree = free_inodes_;
    memcpy(&result.f_fsid, super_->s_uuid, sizeof(result.f_fsid));
    result.f_namelen = 255;
}

Errno Ext2Volume::damaged(const char* what, ...) {
    u32 reports = damage_reports_.fetch_add(1);
    if (reports < kMaxReports) {
        char text[120];
        va_list args;
        va_start(args, what);
        format_into_list(text, sizeof(text), what, args);
        va_end(args);
        kprintf("ext2 on %s: damaged: %s\n", device_.name(), text);
    }
    if (writable_ && (super_->s_state & EXT2_ERROR_FS) == 0) {
        super_->s_state |= EXT2_ERROR_FS;
        super_block_->mark_dirty();
    }
    if (read_only_ != nullptr && !read_only_->exchange(true)) {
        kprintf("ext2 on %s: is read-only from now on\n", device_.name());
    }
    return Errno{EUCLEAN};
}
