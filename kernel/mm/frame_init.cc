// How free memory comes into being: RAM as the device tree gives it, minus what is taken, minus the
// array of descriptors itself, cut into the largest aligned blocks. Runs once, on one hart.
// What RAM holds at boot is junk, and most of it is not touched: see mm/buddy.h.
#include "mm/buddy.h"

constinit FrameArray frame_array;

namespace {

constexpr u64 kLargestBlock = u64{1} << kMaxOrder;
// Beyond, the linear map ends.
constexpr u64 kMaxPages = (u64{128} << 30) >> kPageShift;

// Pages from `first` up to, not including, `end`: RAM that is free, or something else.
struct Run {
    u64 first;
    u64 end;
    bool is_free;
    u64 size() const { return end - first; }
};

// Ranges of pages that are RAM, and of pages that are taken; those may lie anywhere.
struct MemoryMap {
    Array<Run, 2 * kMaxMemoryRanges + 1> ranges{};  // and the array of descriptors
    unsigned count = 0;
    // From the first to the last page of RAM, rounded out to whole largest blocks.
    u64 first = ~u64{0}, end = 0;

    void add(Run range) {
        if (range.first >= range.end) return;
        ASSERT(count < ranges.size());
        ranges[count++] = range;
        if (!range.is_free) return;
        first = min(first, align_down(range.first, kLargestBlock));
        end = max(end, align_up(range.end, kLargestBlock));
    }

    // The pages from `page` on of which all are free, or none is.
    Run run_at(u64 page) const {
        Run run{page, next_border(page), is_free(page)};
        while (run.end < end && is_free(run.end) == run.is_free) run.end = next_border(run.end);
        return run;
    }

    bool is_free(u64 page) const {
        bool is_ram = false;
        for (const Run& range : ranges) {
            if (page < range.first || page >= range.end) continue;
            if (!range.is_free) return false;
            is_ram = true;
        }
        return is_ram;
    }

    // Where a range begins or ends next, after `page`.
    u64 next_border(u64 page) const {
        u64 border = end;
        for (const Run& range : ranges) {
            if (range.first > page) border = min(border, range.first);
            if (range.end > page) border = min(border, range.end);
        }
        return border;
    }
};

Frame& frame_of_page(u64 page) { return frame_array.frames[page - frame_array.first_page]; }

// Puts the descriptors into the first free run that has room for them.
void place_frame_array(MemoryMap& map) {
    const u64 count = map.end - map.first;
    const u64 pages = divide_up(count * sizeof(Frame), kPageSize);
    Run place = map.run_at(map.first);
    while (!place.is_free || place.size() < pages) {
        if (place.end >= map.end) panic("mm: no RAM for the descriptors of %lu frames", count);
        place = map.run_at(place.end);
    }
    map.add({place.first, place.first + pages, false});
    Frame* frames = linear_pointer<Frame>(PhysAddr(place.first << kPageShift));
    frame_array = {frames, map.first, count, 0};
}

// Frames that are never given out have one owner for good, so sharing them is harmless.
void mark_reserved(Run run) {
    for (u64 page = run.first; page < run.end; page++) {
        Frame& frame = frame_of_page(page);
        frame.references.store_relaxed(1);
        frame.state = FrameState::kReserved;
        frame.order = 0;
    }
}

// Hands a run of free pages to the allocator as the fewest blocks that fit. They need not unite
// with any buddy, and must not look for one: the descriptor of the next block is not written yet.
void give_run(Run run) {
    SpinGuard guard(frame_lock);
    // BEGIN SOLUTION(frames.init)
    while (run.size() > 0) {
        unsigned order = min(log2_floor(run.size()), kMaxOrder);
        while (run.first % (u64{1} << order) != 0) order--;
        add_free_block(frame_of_page(run.first), order);
        run.first += u64{1} << order;
    }
    // END SOLUTION
    // STUB: panic("frames.init: yours to write (pages %#lx to %#lx)", run.first, run.end);
}

}  // namespace

void initialise_frames(Span<const PhysRange> memory, Span<const PhysRange> reserved) {
    MemoryMap map;
    // BEGIN SOLUTION(frames.ranges)
    for (PhysRange ram : memory) {
        u64 first = divide_up(ram.start.value, kPageSize);
        map.add({first, min(ram.end().value >> kPageShift, kMaxPages), true});
    }
    for (PhysRange taken : reserved) {
        u64 first = taken.start.value >> kPageShift;
        map.add({first, divide_up(taken.end().value, kPageSize), false});
    }
    // END SOLUTION
    // STUB: panic("frames.ranges: yours to write (%lu, %lu)", memory.size(), reserved.size());
    place_frame_array(map);
    // What is not free needs descriptors too: a block beside it will look there for its buddy.
    for (u64 page = map.first; page < map.end;) {
        const Run run = map.run_at(page);
        run.is_free ? give_run(run) : mark_reserved(run);
        if (run.is_free) frame_array.total += run.size();
        page = run.end;
    }
}
