// Areas: stretches of an address space with one protection and one source of pages, kept sorted.
// The address space locks.
#pragma once
#include "base/vector.h"
#include "process/pager.h"

// kSharedForReading: shared with a file that was not open for writing, and so never writable.
enum class Sharing : u8 { kPrivate, kShared, kSharedForReading };

struct Area {
    VirtAddr start, end;  // whole pages
    u32 protection = 0;   // PROT_READ | PROT_WRITE | PROT_EXEC
    Sharing sharing = Sharing::kPrivate;
    Ref<Pager> pager;     // null: zeroes
    u64 page_offset = 0;  // page of the pager's object at `start`

    bool contains(VirtAddr address) const { return start <= address && address < end; }
    bool is_shared() const { return sharing != Sharing::kPrivate; }
    u64 size() const { return end - start; }
    u64 page_index(VirtAddr address) const {
        return page_offset + ((address - start) >> kPageShift);
    }
    bool allows(Access access) const;
    // Whether `next` goes on where this one ends, in every respect.
    bool continues_with(const Area& next) const;
};

class AreaList : public Vector<Area> {
  public:
    // The index of the first area that ends above `address`: it contains it or comes after it.
    usize lower_bound(VirtAddr address) const;
    // The area that contains `address`, or null.
    Area* find(VirtAddr address) const;
    // Splits areas so that one ends or starts at `address` exactly. ENOMEM.
    Result<void> split_at(VirtAddr address);
    // Merges neighbours in and around [start, end) that continue each other.
    void merge_around(VirtAddr start, VirtAddr end);
    u64 total_bytes() const;
};
