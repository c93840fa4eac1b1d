// What the harts' translation caches may hold of one address space: its identifier (ASID), and for
// each hart up to which change of the page table it has caught up.
// Each change that takes something away (unmapping, less permission, another frame) counts up
// `generation_`. The hart that makes the change flushes what it must at once; any other hart flushes
// the whole space when it next runs it. While a process has one thread, no other hart runs it at the
// time of the change. QEMU cannot show a mistake here: see docs/process.md for the argument.
#pragma once
#include "cpu/hart.h"
#include "mm/page_table.h"

class TlbState : Immovable {
  public:
    // Makes this hart translate by `table`. Interrupts are off.
    void activate(PageTable& table);
    // After one page has changed, or several: this hart forgets them if it runs the space.
    void page_changed(VirtAddr page);
    void all_changed();
    // Before the page table dies: no hart uses it afterwards. May sleep.
    void leave_all_harts();
    // This hart's satp is another one's now.
    void left(const Hart& hart);

  private:
    void take_number();
    u64 asid() const;
    void note_change(bool one_page, VirtAddr page);

    u64 number_ = 0;  // its ASID, and the round of ASIDs in which it is valid
    Atomic<u32> generation_{0};
    Array<u32, kMaxHarts> seen_{};
    Atomic<u32> active_{0};  // harts whose satp is this space's, as bits
};

// Makes this hart translate by the kernel's own table, if a user space is active. For hart messages
// and the end of a process.
void leave_user_space_on_this_hart();
