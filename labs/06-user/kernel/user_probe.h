// What the probes of this lab share. A probe is a kernel test that builds an address space as the
// random input says, notes where its page table is, and stands still: the host walks the table and
// reads the pages out of the machine's memory.
#pragma once
#include "base/ktest.h"
#include "base/random.h"
#include "cpu/console.h"
#include "cpu/machine.h"
#include "process/cpio.h"
#include "process/exec.h"

inline constexpr usize kUserLogWords = 4096;
extern "C" u64 user_log[kUserLogWords];
extern "C" u64 user_log_used;

// The labs whose probes are in one kernel must not meet.
namespace userlab {

// Appends a word to the log.
void note(u64 word);
// Notes 0 for success or the error's number; returns whether it was success.
template <typename T> bool note_outcome(const Result<T>& outcome) {
    note(outcome.ok() ? 0 : static_cast<u64>(outcome.error().number));
    return outcome.ok();
}
// The number that `name=` gives on the command line.
u64 input(const char* name);
// Tells the host that the log is complete, and stands still.
[[noreturn]] void probe_done();

// A file of the initial archive as a source of pages.
Ref<Pager> archive_pager(StringView name);
// Touches every page of every area, writing where that is allowed, so that all are present.
void bring_in_all(AddressSpace& space);
// FNV-1a.
u64 hash_of(ConstBytes bytes);

}  // namespace userlab

using namespace userlab;
