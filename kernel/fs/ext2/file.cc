// Contents of files: pages to and from the disk, in one request where blocks lie side by side; space
// for what will be written; and the text of symbolic links.
#include "fs/ext2/ext2.h"

// Calls operation(disk block or 0, bytes of the page) for each run of the page's blocks that lie
// side by side on the disk, or are holes.
template <typename Operation>
Result<void> Ext2Inode::for_each_run(u64 page_index, Frame& frame, Operation operation) {
    u32 block_size = static_cast<u32>(volume().block_size());
    u32 per_page = static_cast<u32>(kPageSize) / block_size;
    u64 first = page_index * per_page;
    for (u32 done = 0; done < per_page;) {
        u64 index = first + done;
        BlockMap::Run run{0, per_page - done};
        if (index < BlockMap::capacity(block_size)) {
            run = TRY(map_.find_run(static_cast<u32>(index), per_page - done));
        }
        Bytes part(frame.data() + done * block_size, run.count * block_size);
        TRY(operation(run.block, part));
        done += run.count;
    }
    return {};
}

namespace {

// Joins pieces of memory whose blocks lie side by side on the disk into one request.
class JoinedTransfer : Immovable {
  public:
    JoinedTransfer(Ext2Volume& volume, BlockOperation operation)
        : volume_(volume), operation_(operation) {}

    // Transfers what came before first, if this does not continue it.
    Result<void> add(u32 block, Bytes part) {
        usize most = min(array_size(pieces_), volume_.cache().device().max_pieces());
        if (count_ == most || block != next_block_) {
            TRY(finish());
            first_block_ = block;
        }
        pieces_[count_++] = {part.data(), part.size()};
        next_block_ = block + static_cast<u32>(part.size() / volume_.block_size());
        return {};
    }

    Result<void> finish() {
        usize count = exchange(count_, usize{0});
        if (count == 0) return {};
        u64 sector = u64{first_block_} * volume_.sectors_per_block();
        return volume_.cache().device().transfer(operation_, sector, {pieces_, count});
    }

  private:
    Ext2Volume& volume_;
    const BlockOperation operation_;
    BlockPiece pieces_[32];
    usize count_ = 0;
    u32 first_block_ = 0;
    u32 next_block_ = 0;
};

}  // namespace

Result<void> Ext2Inode::read_pages(u64 first, Span<Frame* const> frames) {
    JoinedTransfer joined(volume(), BlockOperation::kRead);
    for (usize i = 0; i < frames.size(); i++) {
        TRY(for_each_run(first + i, *frames[i], [&](u32 block, Bytes part) -> Result<void> {
            // BEGIN SOLUTION(ext2.read_page)
            if (block != 0) return joined.add(block, part);
            memset(part.data(), 0, part.size());
            return {};
            // END SOLUTION
            // STUB: panic("ext2.read_page: yours to write (block %u, %zu)", block, part.size());
        }));
    }
    return joined.finish();
}

Result<void> Ext2Inode::write_pages(u64 first, Span<Frame* const> frames) {
    MutexGuard guard(tail_lock_);
    JoinedTransfer joined(volume(), BlockOperation::kWrite);
    Result<void> result;
    for (usize i = 0; i < frames.size(); i++) {
        Result<void> one = for_each_run(first + i, *frames[i], [&](u32 block, Bytes part) {
            return block == 0 ? Result<void>() : joined.add(block, part);
        });
        result = result.ok() ? one : result;
    }
    Result<void> last = joined.finish();
    return result.ok() ? last : result;
}

Result<void> Ext2Inode::prepare_write(u64 offset, u64 bytes) {
    if (fs.read_only()) return Errno{EROFS};
    u64 end;
    if (!add_fits(offset, bytes, end) || end > largest_size()) return Errno{EFBIG};
    u64 block_size = volume().block_size();
    for (u64 index = offset / block_size; index < divide_up(end, block_size); index++) {
        Result<u32> block = map_.find_or_allocate(static_cast<u32>(index));
        if (!block.ok()) {
            // What has been allocated before the end of the file must not show what the disk held
            // there: its pages are zeroes, and written. What is behind the end goes back.
            for (u64 at = offset / kPageSize; at < divide_up(index * block_size, kPageSize); at++) {
                if (Ref<CachedPage> page = pages.find(at)) pages.mark_dirty(*page);
            }
            // Only who holds the lock writes beyond it: a shared mapping must not free what another
            // thread has just prepared there.
            if (end > size.load()) (void) truncate(size.load());
            return block.error();
        }
    }
    blocks.store(disk_.i_blocks);
    return {};
}

Result<void> Ext2Inode::truncate(u64 new_size) {
    if (new_size > largest_size()) return Errno{EFBIG};
    MutexGuard guard(tail_lock_);
    u64 first = divide_up(new_size, volume().block_size());
    Result<void> result = map_.truncate(static_cast<u32>(first), BlockMap::Contents::kInPageCache);
    blocks.store(disk_.i_blocks);
    (void) write_attributes();  // cannot fail
    return result;
}

Result<void> Ext2Inode::sync() {
    TRY(Inode::sync());
    return volume().sync(Ext2Volume::State::kInUse);
}

Result<usize> Ext2Inode::read_link(Span<char> to) {
    usize length = min(to.size(), static_cast<usize>(size.load_relaxed()));
    if (!has_block_map()) {
        memcpy(to.data(), disk_.i_block, length);  // load_size() has checked that it fits
        return length;
    }
    Ref<Block> block = TRY(directory_block(0));
    memcpy(to.data(), block->data(), min(length, block->size()));
    return min(length, block->size());
}

// The target of a new symbolic link: in the inode where it fits, else in a block.
Result<void> Ext2Inode::store_target(StringView target) {
    // BEGIN SOLUTION(ext2.symlink)
    if (target.size() < kShortSymlink) {
        memcpy(disk_.i_block, target.data(), target.size());
    } else if (target.size() < volume().block_size()) {
        u32 number = TRY(map_.find_or_allocate(0));
        Ref<Block> block = TRY(volume().cache().get_zeroed(number));
        memcpy(block->data(), target.data(), target.size());
        volume().mark_dirty(*block);
    } else {
        return Errno{ENAMETOOLONG};
    }
    size.store(target.size());
    blocks.store(disk_.i_blocks);
    return write_attributes();
    // END SOLUTION
    // STUB: panic("ext2.symlink: yours to write (%zu bytes)", target.size());
}
