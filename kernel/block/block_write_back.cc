// Writing changed blocks back: collected, sorted, neighbours joined, several requests at once.
// A block that is changed while it is being written is dirty again, and written again next time.
#include "block/block_cache.h"

namespace {

// Shell sort: in place, and short. The batch is mostly in order already.
void sort_by_number(Span<Block*> blocks) {
    for (usize gap = blocks.size() / 2; gap > 0; gap /= 2) {
        for (usize i = gap; i < blocks.size(); i++) {
            Block* moving = blocks[i];
            usize at = i;
            for (; at >= gap && blocks[at - gap]->number() > moving->number(); at -= gap) {
                blocks[at] = blocks[at - gap];
            }
            blocks[at] = moving;
        }
    }
}

}  // namespace

Result<void> BlockCache::write_back() {
    MutexGuard writing(write_mutex_);
    usize left;
    {
        SpinGuard guard(lock_);
        left = statistics_.dirty;
    }
    // Bounded by what was dirty at the start: others may be making blocks dirty all the time.
    while (left > 0) {
        usize count = take_dirty(left);
        if (count == 0) break;
        left -= count;
        sort_by_number({writer_->batch, count});
        Result<void> written = write_batch(count);
        finish_batch(count, written.ok());
        TRY(written);
    }
    return {};
}

// Moves dirty blocks into the batch; they count as clean from here on.
usize BlockCache::take_dirty(usize most) {
    SpinGuard guard(lock_);
    usize count = 0;
    while (count < min(most, Writer::kBatch)) {
        Block* block = dirty_.pop_front();
        if (block == nullptr) break;
        statistics_.dirty--;
        block->retain();
        block->writing_ = true;
        writer_->batch[count++] = block;
    }
    return count;
}

void BlockCache::finish_batch(usize count, bool written) {
    {
        SpinGuard guard(lock_);
        for (usize i = 0; i < count; i++) {
            Block& block = *writer_->batch[i];
            block.writing_ = false;
            if (!written) mark_dirty_locked(block);
        }
        statistics_.written += written ? count : 0;
        changed_.wake_all();
    }
    for (usize i = 0; i < count; i++) writer_->batch[i]->release();
}

// Writes the sorted batch. The first error is returned, after all requests have finished.
Result<void> BlockCache::write_batch(usize count) {
    Span<Block*> batch(writer_->batch, count);
    const usize most_blocks = min(Writer::kRunBlocks, device_.max_pieces());
    Result<void> result;
    usize next = 0;
    usize submitted = 0;
    usize finished = 0;
    while (next < count || finished < submitted) {
        // A slot is used again when its request is finished, in the order of submission.
        if (next == count || submitted - finished == Writer::kRuns) {
            Result<void> one = device_.wait(writer_->runs[finished++ % Writer::kRuns].request);
            result = result.ok() ? one : result;
            continue;
        }
        Writer::Run& run = writer_->runs[submitted++ % Writer::kRuns];
        usize blocks = 0;
        u64 first = batch[next]->number();
        while (next < count && blocks < most_blocks && batch[next]->number() == first + blocks) {
            run.pieces[blocks++] = {batch[next++]->data(), block_size_};
        }
        run.request.operation = BlockOperation::kWrite;
        run.request.sector = first * sectors_per_block_;
        run.request.pieces = {run.pieces, blocks};
        device_.submit(run.request);
    }
    return result;
}

Result<void> BlockCache::sync() {
    // BEGIN SOLUTION(disk.flush)
    TRY(write_back());
    return device_.flush();
    // END SOLUTION
    // STUB: panic("disk.flush: yours to write (%s)", device_.name());
}
