// Exercise 2: what threads keep over a switch, and how a new one begins. They never end.
#include "mm/kernel_stack.h"
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

// One of two sides of a switch that nobody else takes part in: what it has in s0 … s11 when it calls
// switch_context, and what it finds there, and in sp, when it goes on.
struct Side {
    u64 values[kSaved], found[kSaved];
    u64 sp_before, sp_after;
    // The Context, and its neighbours, which are nobody's.
    u64 guard_before;
    Context context;
    u64 guard_after;
};
static_assert(__builtin_offsetof(Side, context) == 27 * sizeof(u64));

extern "C" {
Side threadlab_ours, threadlab_theirs;
void threadlab_switch_to_them();  // returns when they switch to us
void threadlab_switch_to_us();
void threadlab_they_begin();
[[noreturn]] void threadlab_they_go_on();
[[noreturn]] void threadlab_lost();
}
asm(R"(
    .macro find register, index
    sd \register, 8*(12+\index)(a0)
    .endm
    .macro switch_function name, mine, other
\name:
    addi sp, sp, -112
    each_saved_register keep
    sd ra, 96(sp)
    la a0, \mine
    sd sp, 24*8(a0)
    each_saved_register load
    la a1, \other
    addi a0, a0, 27*8
    addi a1, a1, 27*8
    call switch_context
    la a0, \mine
    each_saved_register find
    sd sp, 25*8(a0)
    ld sp, 24*8(a0)
    ld ra, 96(sp)
    each_saved_register give_back
    addi sp, sp, 112
    ret
    .endm
    switch_function threadlab_switch_to_them, threadlab_ours, threadlab_theirs
    switch_function threadlab_switch_to_us, threadlab_theirs, threadlab_ours
threadlab_they_begin:
    la a0, threadlab_theirs
    each_saved_register find
    sd sp, 25*8(a0)
    call threadlab_they_go_on
)");

enum : u64 { kTheyRun = 0xB, kWeRun = 0xA, kLost = 0xC };

void fill(u64 (&words)[kSaved], Random& random) {
    for (u64& word : words) word = random.next();
}

void note_all(const u64 (&words)[kSaved]) {
    for (u64 word : words) note(word);
}

// What a side has found when it went on, and what was saved of the other.
void note_switch(u64 who, const Side& here, const Side& left) {
    note(who);
    note_all(here.found);
    note(here.sp_after == here.sp_before);
    note_all(left.context.s);
    note(left.context.sp == left.sp_before);
    note(here.guard_before + here.guard_after + left.guard_before + left.guard_after);
}

void threadlab_they_go_on() {
    note_switch(kTheyRun, threadlab_theirs, threadlab_ours);
    threadlab_switch_to_us();
    note_switch(kTheyRun, threadlab_theirs, threadlab_ours);
    threadlab_switch_to_us();
    threadlab_lost();
}

// Where a context leads to before anything has been saved in it.
void threadlab_lost() {
    note(kLost);
    probe_done();
}

// Switches to a hand-made context and back, twice, with nothing in between that could save registers.
void switch_by_hand(Random& random) {
    Side &ours = threadlab_ours, &theirs = threadlab_theirs;
    fill(theirs.context.s, random);
    theirs.context.ra = reinterpret_cast<u64>(threadlab_they_begin);
    theirs.context.sp = theirs.sp_before = map_kernel_stack().value();
    ours.context.ra = reinterpret_cast<u64>(threadlab_lost);
    ours.context.sp = map_kernel_stack().value();
    fill(ours.values, random);
    fill(theirs.values, random);
    InterruptsOff off;
    for (int turn = 0; turn < 2; turn++) {
        threadlab_switch_to_them();
        note_switch(kWeRun, ours, theirs);
        fill(ours.values, random);
    }
}

}  // namespace

KTEST(threadlab_switch) {
    const u64 threads = input("threads"), rounds = input("rounds");
    static u64 values[kMostPlayers][kSaved];
    static u64 bad_stacks = 0;
    Random random(input());
    switch_by_hand(random);
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
