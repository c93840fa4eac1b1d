// How free memory comes into being: RAM as the device tree gives it, minus what is taken, minus the
// array of descriptors itself, cut into the largest aligned blocks. Runs once, on one hart.
// What RAM holds at boot is junk, and most of it is not touched: see mm/buddy.h.
#include "mm/buddy.h"

constinit FrameArray frame_array;

namespace {

// Pages from `first` up to, not including, `end`.
struct PageRange {
    u64 first = 0;
    u64 end = 0;
    bool empty() const { return first >= end; }
};

constexpr u64 kLargestBlock = u64{1} << kMaxOrder;
// Beyond, the linear map ends.
constexpr u64 kMaxPages = (u64{128} << 30) >> kPageShift;

class MemoryMap {
  public:
    MemoryMap(Span<const PhysRange> memory, Span<const PhysRange> reserved) {
        for (PhysRange range : memory) {
            u64 first = divide_up(range.start.value, kPageSize);
            u64 end = range.end().value >> kPageShift;
            ram_[ram_count_++] = {first, min(end, kMaxPages)};
        }
        for (PhysRange range : reserved) {
            take({range.start.value >> kPageShift, divide_up(range.end().value, kPageSize)});
        }
    }

    void take(PageRange pages) {
        ASSERT(taken_count_ < taken_.size());
        taken_[taken_count_++] = pages;
    }

    // From the first to the last page of RAM, rounded out to whole largest blocks.
    PageRange extent() const {
        PageRange all{~u64{0}, 0};
        for (unsigned i = 0; i < ram_count_; i++) {
            all.first = min(all.first, ram_[i].first);
            all.end = max(all.end, ram_[i].end);
        }
        return {align_down(all.first, kLargestBlock), align_up(all.end, kLargestBlock)};
    }

    // The first run of free pages at or after `page`; empty where there is none.
    PageRange next_free(u64 page) const {
        for (;;) {
            PageRange run = next_ram(page);
            if (run.empty()) return run;
            u64 skip_to = run.first;
            for (unsigned i = 0; i < taken_count_; i++) {
                const PageRange& taken = taken_[i];
                if (taken.first <= skip_to && skip_to < taken.end) {
                    skip_to = taken.end;
                } else if (taken.first > skip_to && !taken.empty()) {
                    run.end = min(run.end, taken.first);
                }
            }
            if (skip_to == run.first) return run;
            page = skip_to;
        }
    }

  private:
    // The first run of RAM at or after `page`; ranges that touch make one run.
    PageRange next_ram(u64 page) const {
        PageRange next;
        for (unsigned i = 0; i < ram_count_; i++) {
            PageRange part{max(page, ram_[i].first), ram_[i].end};
            if (!part.empty() && (next.empty() || part.first < next.first)) next = part;
        }
        // Each pass may bring the end to where another range begins.
        for (unsigned pass = 0; pass < ram_count_; pass++) {
            for (unsigned i = 0; i < ram_count_; i++) {
                if (ram_[i].first <= next.end && next.end < ram_[i].end) next.end = ram_[i].end;
            }
        }
        return next;
    }

    Array<PageRange, kMaxMemoryRanges> ram_{};
    unsigned ram_count_ = 0;
    Array<PageRange, kMaxMemoryRanges + 1> taken_{};  // and the array of descriptors
    unsigned taken_count_ = 0;
};

Frame& frame_of_page(u64 page) { return frame_array.frames[page - frame_array.first_page]; }

// Puts the descriptors into the first free run that has room for them.
void place_frame_array(MemoryMap& map) {
    PageRange all = map.extent();
    u64 pages = divide_up((all.end - all.first) * sizeof(Frame), kPageSize);
    PageRange place = map.next_free(0);
    while (!place.empty() && place.end - place.first < pages) place = map.next_free(place.end);
    if (all.empty() || place.empty()) {
        panic("mm: no RAM for the descriptors of %lu frames", all.end - all.first);
    }
    map.take({place.first, place.first + pages});
    frame_array.frames = linear_pointer<Frame>(PhysAddr(place.first << kPageShift));
    frame_array.first_page = all.first;
    frame_array.count = all.end - all.first;
}

// Frames that are never given out have one owner for good, so sharing them is harmless.
void mark_reserved(PageRange pages) {
    for (u64 page = pages.first; page < pages.end; page++) {
        Frame& frame = frame_of_page(page);
        frame.references.store_relaxed(1);
        frame.state = FrameState::kReserved;
        frame.order = 0;
    }
}

// Hands a run of free pages to the allocator as the fewest blocks that fit. They need not unite
// with any buddy, and must not look for one: the descriptor of the next block is not written yet.
void give_run(PageRange run) {
    SpinGuard guard(frame_lock);
    // BEGIN SOLUTION(frames.init)
    while (!run.empty()) {
        unsigned order = log2_floor(run.end - run.first);
        order = min(order, kMaxOrder);
        while (run.first % (u64{1} << order) != 0) order--;
        free_lists[order].push(frame_of_page(run.first), order);
        run.first += u64{1} << order;
    }
    // END SOLUTION
    // STUB: panic("frames.init: yours to write (pages %#lx to %#lx)", run.first, run.end);
}

}  // namespace

u64 initialise_frames(Span<const PhysRange> memory, Span<const PhysRange> reserved) {
    MemoryMap map(memory, reserved);
    place_frame_array(map);
    u64 total = 0;
    u64 page = frame_array.first_page;
    const u64 end = page + frame_array.count;
    // What is not free needs descriptors too: a block beside it will look there for its buddy.
    for (PageRange run = map.next_free(page); page < end; run = map.next_free(page)) {
        mark_reserved({page, run.empty() ? end : run.first});
        page = run.empty() ? end : run.end;
    }
    for (PageRange run = map.next_free(0); !run.empty(); run = map.next_free(run.end)) {
        give_run(run);
        total += run.end - run.first;
    }
    return total;
}
