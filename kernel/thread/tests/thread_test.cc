// Tests of threads themselves: creation, the switch, the end, and that nothing is left behind.
#include "thread/tests/crowd.h"

#include "cpu/console.h"

namespace {

// Fills the callee-saved registers with values made from `canary`, calls yield() `rounds` times, and
// returns how often a register had changed.
extern "C" u64 switch_with_canaries(u64 canary, u64 rounds);
asm(R"(
    .text
switch_with_canaries:
    addi sp, sp, -144
    sd ra, 0(sp)
    sd s0, 8(sp)
    sd s1, 16(sp)
    sd s2, 24(sp)
    sd s3, 32(sp)
    sd s4, 40(sp)
    sd s5, 48(sp)
    sd s6, 56(sp)
    sd s7, 64(sp)
    sd s8, 72(sp)
    sd s9, 80(sp)
    sd s10, 88(sp)
    sd s11, 96(sp)
    sd a0, 104(sp)
    sd a1, 112(sp)
    sd zero, 120(sp)
    addi s0, a0, 0
    addi s1, a0, 1
    addi s2, a0, 2
    addi s3, a0, 3
    addi s4, a0, 4
    addi s5, a0, 5
    addi s6, a0, 6
    addi s7, a0, 7
    addi s8, a0, 8
    addi s9, a0, 9
    addi s10, a0, 10
    addi s11, a0, 11
1:  sd sp, 128(sp)
    call yield_from_assembly
    ld t0, 128(sp)
    bne t0, sp, 2f
    ld a0, 104(sp)
    bne s0, a0, 2f
    addi t0, a0, 1
    bne s1, t0, 2f
    addi t0, a0, 2
    bne s2, t0, 2f
    addi t0, a0, 3
    bne s3, t0, 2f
    addi t0, a0, 4
    bne s4, t0, 2f
    addi t0, a0, 5
    bne s5, t0, 2f
    addi t0, a0, 6
    bne s6, t0, 2f
    addi t0, a0, 7
    bne s7, t0, 2f
    addi t0, a0, 8
    bne s8, t0, 2f
    addi t0, a0, 9
    bne s9, t0, 2f
    addi t0, a0, 10
    bne s10, t0, 2f
    addi t0, a0, 11
    beq s11, t0, 3f
2:  ld t0, 120(sp)
    addi t0, t0, 1
    sd t0, 120(sp)
3:  ld t0, 112(sp)
    addi t0, t0, -1
    sd t0, 112(sp)
    bnez t0, 1b
    ld a0, 120(sp)
    ld ra, 0(sp)
    ld s0, 8(sp)
    ld s1, 16(sp)
    ld s2, 24(sp)
    ld s3, 32(sp)
    ld s4, 40(sp)
    ld s5, 48(sp)
    ld s6, 56(sp)
    ld s7, 64(sp)
    ld s8, 72(sp)
    ld s9, 80(sp)
    ld s10, 88(sp)
    ld s11, 96(sp)
    addi sp, sp, 144
    ret
)");
extern "C" void yield_from_assembly() { yield(); }

void nothing(void*) {}

}  // namespace

KTEST(thread_switch_keeps_registers) {
    Atomic<u64> damaged{0};
    {
        Crowd crowd(4,
                    [&](unsigned i) { damaged.fetch_add(switch_with_canaries(i * 1000, 2500)); });
    }
    EXPECT_EQ(damaged.load(), u64{0});
}

// On one hart two threads that yield take turns, without help from the timer.
KTEST(thread_yield_switches) {
    constexpr u32 kTurns = 200;
    u32 turns[2] = {}, most_ahead = 0;
    Atomic<u32> ready{0};
    Crowd crowd(2, [&](unsigned i) {
        for (ready.fetch_add(1); ready.load() < 2;) yield();
        while (turns[i] < kTurns) {
            turns[i]++;
            u32 ahead = turns[i] - min(turns[i], turns[1 - i]);
            most_ahead = max(most_ahead, ahead);
            yield();
        }
    });
    for (unsigned i = 0; i < 2; i++) crowd[i].join();
    EXPECT(hart_count() > 1 || most_ahead < kTurns / 4);
}

KTEST(thread_runs_its_function_once) {
    NothingLeaks check;
    Atomic<u32> runs{0};
    {
        Crowd crowd(40, [&](unsigned) { runs.fetch_add(1); });
    }
    EXPECT_EQ(runs.load(), 40u);
}

KTEST(thread_knows_itself) {
    Atomic<u32> right{0};
    Crowd crowd(3, [&](unsigned i) {
        char name[Thread::kNameSize];
        format_into(name, sizeof name, "test/%u", i);
        for (int round = 0; round < 50; round++) {
            yield();
            right.fetch_add(StringView(current_thread().name()) == name ? 1 : 0);
        }
    });
    for (unsigned i = 0; i < 3; i++) crowd[i].join();
    EXPECT_EQ(right.load(), 150u);
}

KTEST(thread_switch_keeps_interrupts_on) {
    EXPECT(interrupts_enabled());
    yield();
    EXPECT(interrupts_enabled());
    Crowd crowd(3, [&](unsigned) {
        EXPECT(interrupts_enabled());
        for (int round = 0; round < 20; round++) {
            yield();
            EXPECT(interrupts_enabled());
        }
    });
}

KTEST(thread_never_started_leaves_nothing) {
    NothingLeaks check;
    Result<Ref<Thread>> thread = Thread::create("idler", nothing, nullptr);
    EXPECT(thread.ok());
}

KTEST(thread_nobody_joins_leaves_nothing) {
    NothingLeaks check;
    Atomic<u32> ended{0};
    for (int i = 0; i < 20; i++) {
        Result<Ref<Thread>> thread = Thread::create(
            "detached", [](void* count) { static_cast<Atomic<u32>*>(count)->fetch_add(1); },
            &ended);
        EXPECT(thread.ok());
        (*thread)->start();
    }
    for (int i = 0; i < 1000 && ended.load() < 20; i++) {
        EXPECT(sleep_until(time_now() + kMillisecond).ok());
    }
    EXPECT_EQ(ended.load(), 20u);
}

KTEST(thread_can_be_joined_after_its_end) {
    Result<Ref<Thread>> thread = Thread::create("short", nothing, nullptr);
    EXPECT(thread.ok());
    (*thread)->start();
    (*thread)->join();
    (*thread)->join();
    EXPECT((*thread)->state() == ThreadState::kFinished);
}

// A thread that never yields gets pre-empted: else this test would not end on one hart.
KTEST(thread_loops_are_preempted) {
    Atomic<bool> stop{false};
    Atomic<u32> spinning{0};
    Crowd crowd(hart_count() + 1, [&](unsigned) {
        spinning.fetch_add(1);
        while (!stop.load()) {
        }
    });
    while (spinning.load() < hart_count() + 1) yield();
    stop.store(true);
}

KTEST(thread_run_time_counts_only_its_own) {
    u64 before = current_thread().run_time();
    u64 until = time_now() + 3 * kMillisecond;
    while (time_now() < until) {
    }
    u64 after = current_thread().run_time();
    EXPECT(after - before >= 2 * kMillisecond || hart_count() > 1);
    // The host may stop this machine for a while, which counts as running: hence the wide margin.
    EXPECT(sleep_until(time_now() + 200 * kMillisecond).ok());
    EXPECT(current_thread().run_time() - after < 160 * kMillisecond);
}

// Equal threads get equal time, within what slices allow.
KTEST(thread_shares_are_fair) {
    constexpr unsigned kThreads = 4;
    u64 ran[kThreads] = {};
    u64 end = time_now() + 400 * kMillisecond;
    {
        Crowd crowd(kThreads, [&](unsigned i) {
            while (time_now() < end) {
            }
            ran[i] = current_thread().run_time();
        });
    }
    u64 least = kNever, most = 0;
    for (u64 time : ran) {
        least = min(least, time);
        most = max(most, time);
    }
    // The clock also runs while the host does not run this machine, so this is a wide margin.
    EXPECT(hart_count() > 1 || most <= 2 * least + 60 * kMillisecond);
}

KTEST(thread_idle_harts_take_work) {
    Atomic<u32> harts_seen{0};
    u64 deadline = time_now() + 20 * kSecond;
    u32 all = (1u << hart_count()) - 1;
    Crowd crowd(2 * hart_count(), [&](unsigned) {
        while (harts_seen.load() != all && time_now() < deadline) {
            for (int i = 0; i < 1000; i++) {
                InterruptsOff off;
                harts_seen.fetch_or(1u << this_hart().index);
            }
            EXPECT(sleep_until(time_now() + kMillisecond).ok());
        }
    });
    for (unsigned i = 0; i < 2 * hart_count(); i++) crowd[i].join();
    EXPECT_EQ(harts_seen.load(), all);
}

// Prints what a round trip between two threads costs; under -icount shift=0 a nanosecond is an
// instruction.
KTEST(thread_ping_pong_cost) {
    constexpr u32 kRounds = 2000;
    Semaphore ping(0), pong(0);
    u64 start = time_now();
    {
        Crowd crowd(2, [&](unsigned i) {
            for (u32 round = 0; round < kRounds; round++) {
                (i == 0 ? ping : pong).up();
                (i == 0 ? pong : ping).down();
            }
        });
    }
    u64 took = time_now() - start;
    kprintf("ktest: a round trip of two threads takes %lu ns\n", took / kRounds);
}
