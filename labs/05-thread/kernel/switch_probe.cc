// Exercise 2: what threads keep over a switch, and how a new one begins. They never end.
#include "thread_probe.h"

namespace {

constexpr unsigned kSaved = 12;

// Loads s0 … s11 from `values`, calls yield() `rounds` times, adding 1, 3, 5 … 23 to the registers
// each time, and stores them back. Returns how often sp was another one after yield() than before.
extern "C" u64 yield_with_values(u64* values, u64 rounds);
asm(R"(
    .text
    .macro each_saved_register what
    \what s0, 0
    \what s1, 1
    \what s2, 2
    \what s3, 3
    \what s4, 4
    \what s5, 5
    \what s6, 6
    \what s7, 7
    \what s8, 8
    \what s9, 9
    \what s10, 10
    \what s11, 11
    .endm
    .macro keep register, index
    sd \register, 8*\index(sp)
    .endm
    .macro give_back register, index
    ld \register, 8*\index(sp)
    .endm
    .macro load register, index
    ld \register, 8*\index(a0)
    .endm
    .macro store register, index
    sd \register, 8*\index(a0)
    .endm
    .macro grow register, index
    addi \register, \register, 2*\index+1
    .endm
yield_with_values:
    addi sp, sp, -144
    each_saved_register keep
    sd ra, 96(sp)
    sd a0, 104(sp)
    sd a1, 112(sp)
    sd zero, 120(sp)
    each_saved_register load
1:  sd sp, 128(sp)
    call yield_for_assembly
    ld t0, 128(sp)
    beq t0, sp, 2f
    ld t1, 120(sp)
    addi t1, t1, 1
    sd t1, 120(sp)
2:  each_saved_register grow
    ld t0, 112(sp)
    addi t0, t0, -1
    sd t0, 112(sp)
    bnez t0, 1b
    ld a0, 104(sp)
    each_saved_register store
    ld a0, 120(sp)
    ld ra, 96(sp)
    each_saved_register give_back
    addi sp, sp, 144
    ret
)");
extern "C" void yield_for_assembly() { yield(); }

}  // namespace

KTEST(threadlab_switch) {
    const u64 threads = input("threads"), rounds = input("rounds");
    static u64 values[kMostPlayers][kSaved];
    static u64 bad_stacks = 0;
    Random random(input());
    for (u64 i = 0; i < threads; i++) {
        for (u64& value : values[i]) value = random.next();
    }
    Players players([rounds](unsigned i) { bad_stacks += yield_with_values(values[i], rounds); });
    players.start(static_cast<unsigned>(threads));
    // Each of our turns is one of everybody's.
    for (u64 turn = 0; turn < 2 * rounds && players.done() < threads; turn++) yield();
    note(players.done());
    note(bad_stacks);
    for (u64 i = 0; i < threads; i++) {
        for (u64 value : values[i]) note(value);
    }
    probe_done();
}

namespace {

constinit volatile u64 born = 0;

// The first thing that a new thread does.
void first_words(void* argument) {
    u64 sp;
    asm volatile("mv %0, sp" : "=r"(sp));
    note(reinterpret_cast<u64>(argument));
    note(current_thread().id());
    note(sp);
    note(current_thread().stack_top());
    note(interrupts_enabled() ? 1 : 0);
    busy(200);
    born = born + 1;
    for (;;) yield();
}

}  // namespace

KTEST(threadlab_create) {
    constexpr unsigned kMost = 12;
    Random random(input());
    const unsigned count = 4 + static_cast<unsigned>(random.below(kMost - 3));
    Ref<Thread> threads[kMost];
    u64 marks[kMost];
    for (unsigned i = 0; i < count; i++) {
        char name[Thread::kNameSize];
        format_into(name, sizeof name, "new/%u", i);
        u64 argument = random.next();
        marks[i] = random.next();
        threads[i] = Thread::create(name, first_words, reinterpret_cast<void*>(argument)).value();
        note(threads[i]->id());
        note(StringView(threads[i]->name()) == name && threads[i]->state() == ThreadState::kNew);
        u64* words = reinterpret_cast<u64*>(&threads[i]->user_frame());
        for (usize at = 0; at < sizeof(TrapFrame) / sizeof(u64); at++) words[at] = marks[i] + at;
    }
    // Started in another order than they were made in: the last one first.
    for (unsigned i = count; i-- > 0;) threads[i]->start();
    for (unsigned turn = 0; turn < 200 && born < count; turn++) yield();
    note(born);
    for (unsigned i = 0; i < count; i++) {
        u64 damaged = 0;
        const u64* words = reinterpret_cast<const u64*>(&threads[i]->user_frame());
        for (usize at = 0; at < sizeof(TrapFrame) / sizeof(u64); at++) {
            damaged += words[at] != marks[i] + at;
        }
        note(damaged);
    }
    probe_done();
}
