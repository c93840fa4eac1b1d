// What write-back works with, made once per cache so that it needs no memory when memory is short.
// Only block_cache.cc and block_write_back.cc include this.
#pragma once
#include "block/block_cache.h"

struct BlockCache::Writer {
    static constexpr usize kBatch = 512;     // blocks sorted and written together
    static constexpr usize kRuns = 8;        // requests under way at once
    static constexpr usize kRunBlocks = 32;  // neighbours joined into one request

    struct Run {
        BlockRequest request;
        BlockPiece pieces[kRunBlocks];
    };

    Block* batch[kBatch];
    Run runs[kRuns];
};
