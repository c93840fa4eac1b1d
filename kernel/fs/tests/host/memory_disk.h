// A disk that is a buffer, for host tests: answers at once, and fails where it is told to.
#pragma once
#include "block/block_device.h"

class MemoryDisk final : public BlockDevice {
  public:
    // Keeps using `bytes`, whose size is cut to whole sectors.
    explicit MemoryDisk(Bytes bytes) : bytes_(bytes) {
        sector_count_ = bytes.size() / kSectorSize;
        max_pieces_ = 16;
    }
    // From here on every `period`-th request fails; 0: none.
    void fail_every(u32 period) { period_ = period; }

  protected:
    void start_locked(BlockRequest& request) override {
        requests_++;
        if (period_ != 0 && requests_ % period_ == 0) {
            finish_locked(request, EIO);
            return;
        }
        u64 at = request.sector * kSectorSize;
        for (const BlockPiece& piece : request.pieces) {
            u8* place = bytes_.data() + at;
            bool reading = request.operation == BlockOperation::kRead;
            memcpy(reading ? piece.data : place, reading ? place : piece.data, piece.size);
            at += piece.size;
        }
        finish_locked(request, 0);
    }

  private:
    Bytes bytes_;
    u32 period_ = 0;
    u32 requests_ = 0;
};
