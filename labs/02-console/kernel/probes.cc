// What Lab 2's tests start in the kernel, each with `lab=` on the command line; without it a probe does
// nothing. The host stops the machine at the functions and labels named lab_…, reads registers and
// memory there, and sets the registers that a probe goes on with.
#include "base/ktest.h"
#include "base/random.h"
#include "base/string.h"
#include "cpu/console.h"
#include "cpu/hart.h"
#include "cpu/machine.h"
#include "cpu/panic.h"
#include "cpu/power.h"
#include "cpu/time.h"

extern "C" {
extern char lab_fault_end[];
void lab_trap_here();
void lab_spin_here();
void lab_fault(u64 kind, u64 address);
void lab_begin();
void lab_done();
u64 lab_log_copied, lab_log_size;
u8 lab_log_copy[40 * 1024];
}

namespace {

u64 option(const char* name) {
    u64 number = 0;
    return parse_number(boot_option(name), number) ? number : 0;
}

bool asked() { return !boot_option("lab").empty(); }

}  // namespace

// Where the host stops the machine. Not inlined, and not empty, so that each stays a place.
extern "C" [[gnu::noinline]] void lab_begin() { asm volatile("" ::: "memory"); }
extern "C" [[gnu::noinline]] void lab_done() { asm volatile("nop" ::: "memory"); }

// Exercise 1: `size` random bytes, all values among them, as fast as the port takes them.
KTEST(console_output_probe) {
    if (!asked()) return;
    static u8 bytes[32 * 1024];
    Random random(option("lab"));
    usize size = min<usize>(option("size"), sizeof bytes);
    for (usize i = 0; i < size; i++) bytes[i] = static_cast<u8>(random.next() >> 32);
    console_write(ConstBytes(bytes, size));
}

// Exercise 2: `lines` of 17 characters into the log, then a copy of its last `size` bytes.
KTEST(console_log_probe) {
    if (!asked()) return;
    Random random(option("lab"));
    lab_begin();
    for (u64 i = 0; i < option("lines"); i++) log_quietly("%016lx\n", random.next());
    lab_log_size = log_size();
    lab_log_copied = read_log(Bytes(lab_log_copy, option("size")));
    lab_done();
}

// Exercise 3: calls the functions that the letters of `lab` name, one inside the other.
namespace {

using Step = void (*)(const char* path);
extern const Step steps[4];

[[gnu::noinline]] void lab_end_of_path() {
    print_backtrace(reinterpret_cast<u64>(__builtin_frame_address(0)));
    asm volatile("" ::: "memory");
}

[[gnu::always_inline]] inline void go_on(const char* path) {
    if (*path >= 'a' && *path <= 'd')
        steps[*path - 'a'](path + 1);
    else
        lab_end_of_path();
    asm volatile("" ::: "memory");  // no tail call: each function keeps its frame
}

[[gnu::noinline]] void lab_red(const char* path) { go_on(path); }
[[gnu::noinline]] void lab_green(const char* path) {
    u64 more[3] = {};
    asm volatile("" ::"r"(more) : "memory");
    go_on(path);
}
[[gnu::noinline]] void lab_blue(const char* path) {
    u64 more[19] = {};
    asm volatile("" ::"r"(more) : "memory");
    go_on(path);
}
[[gnu::noinline]] void lab_grey(const char* path) {
    asm volatile("" ::: "s1", "s2", "s3", "memory");
    go_on(path);
}
const Step steps[4] = {lab_red, lab_green, lab_blue, lab_grey};

}  // namespace

KTEST(console_backtrace_probe) {
    if (asked()) go_on(boot_option("lab").data());
}

// A chain of `count` frames made by hand on this stack, whose end is damaged as `lab` says.
KTEST(console_damage_probe) {
    if (!asked()) return;
    u64 frames[4 * 16 + 4] = {};
    u64 count = min<u64>(option("count"), 15), damage = option("damage");
    ASSERT(count > 0);
    u64 code = reinterpret_cast<u64>(&lab_done) + 2;
    auto place = [&](u64 i) { return reinterpret_cast<u64>(&frames[4 * i + 2]); };
    for (u64 i = 0; i < count; i++) {
        frames[4 * i + 1] = code;
        frames[4 * i] = place(i + 1);
    }
    frames[4 * count + 1] = code;  // a good frame behind, for damage that leads past it
    u64& link = frames[4 * (count - 1)];
    switch (option("lab")) {
    case 1: link = 0; break;
    case 2: link = place(count - 1); break;             // itself
    case 3: link = place(damage % count); break;        // an earlier one, or itself
    case 4: link += 1 + damage % 7; break;              // not aligned
    case 5: link = damage & 0x3f'ffff'fff8; break;      // user space
    case 6: link = place(count) & ~u64{0x7fff}; break;  // below the stack
    case 7: frames[4 * count + 1] = damage; break;      // returns to nowhere
    }
    asm volatile("" ::"r"(frames) : "memory");
    lab_begin();
    print_backtrace(place(0));
    lab_done();
}

// Exercise 4: an ebreak with registers that the host chooses.
asm(R"(
    .text
    .option push
    .option norvc
    .globl lab_trap_here, lab_trap_back, lab_spin_here, lab_spin_back
lab_trap_here:
    ebreak
lab_trap_back:
    ret
lab_spin_here:
    j lab_spin_here
lab_spin_back:
    ret
    .option pop
)");

KTEST(console_registers_probe) {
    InterruptsOff guard;
    if (asked()) lab_trap_here();
}

// Exercise 5: faults. lab_fault(kind, address) has one of the faulting instructions for each letter.
// The handler lets the function go on at lab_fault_end, which is where all lead; an ebreak goes on
// behind itself, where a0 becomes 77, and 99 if four bytes are skipped for two.
asm(R"(
    .text
    .option push
    .option norvc
    .globl lab_fault, lab_fault_end
lab_fault:
    addi a0, a0, -'a'
    slli a0, a0, 4
    lla t0, 1f
    add t0, t0, a0
    li a0, 0
    jr t0
    .balign 16
1:  .word 0                         # a: illegal instruction
    .balign 16
    ld a0, 0(a1)                    # b: load
    .balign 16
    sd a0, 0(a1)                    # c: store
    .balign 16
    amoadd.w a0, a0, (a1)           # d: atomic
    .balign 16
    jalr t0, a1                     # e: jump
    .balign 16
    ebreak                          # f
    li a0, 77
    j lab_fault_end
    .balign 16
    .option rvc
    c.ebreak                        # g
    c.j 2f
    .option norvc
    li a0, 99
    j lab_fault_end
2:  li a0, 77
lab_fault_end:
    ret
    .option pop
)");

namespace {

bool forgive = true;

bool lab_exception(TrapFrame& frame) {
    asm volatile("" ::: "memory");
    frame.sepc = reinterpret_cast<u64>(lab_fault_end);
    return forgive;
}

}  // namespace

// One fault for each letter of `lab`, at the address that the host puts into a1.
KTEST(console_fault_probe) {
    if (!asked()) return;
    trap_hooks.kernel_exception = lab_exception;
    for (char kind : boot_option("lab")) lab_fault(static_cast<u64>(kind), 0);
    lab_done();
}

KTEST(console_panic_probe) {
    if (!asked()) return;
    forgive = false;
    lab_fault('b', option("lab"));
}

// A message of this hart to itself, which interrupts at once.
namespace {

void lab_message(u32 messages) { asm volatile("" ::"r"(messages) : "memory"); }
void lab_after_interrupt() { asm volatile("nop" ::: "memory"); }

}  // namespace

KTEST(console_message_probe) {
    if (!asked()) return;
    trap_hooks.message = lab_message;
    trap_hooks.after_interrupt = lab_after_interrupt;
    {
        InterruptsOff guard;
        this_hart().messages.fetch_or(static_cast<u32>(option("lab")));
        set_csr_bits(sip, SIE_SSIE);
        lab_begin();
    }
    lab_done();
}

// A glimpse of user mode: it is left at once, as no page is mapped there. Registers are the host's.
namespace {

alignas(2 * 16384) u8 lab_stack[2 * 16384];
TrapFrame lab_user_frame;

void lab_from_user(TrapFrame& frame) {
    asm volatile("" ::"r"(&frame) : "memory");
    power_off(kExitPowerOff);
}

}  // namespace

KTEST(console_user_probe) {
    if (!asked()) return;
    disable_interrupts();
    write_csr(sie, 0);
    trap_hooks.from_user = lab_from_user;
    trap_hooks.kernel_exception = lab_exception;
    this_hart().user_frame_top = reinterpret_cast<u64>(lab_stack) + sizeof lab_stack;
    lab_user_frame.sstatus = read_csr(sstatus) & ~(SSTATUS_SPP | SSTATUS_SPIE);
    lab_begin();
    return_to_user(&lab_user_frame);
}

// Exercise 6: `count` ticks, `lab` nanoseconds apart; then none, and one that is long due.
namespace {

volatile u64 ticks = 0;

void lab_tick() {
    asm volatile("" ::: "memory");
    ticks = ticks + 1;
    set_timer(ticks < option("count") ? time_now() + option("lab") : kNever);
}

void lab_late_tick() {
    ticks = ticks + 1;
    set_timer(kNever);
}

void lab_fast_tick();
[[gnu::noinline]] void lab_enough() { asm volatile("nop" ::: "memory"); }

void lab_fast_tick() {
    ticks = ticks + 1;
    if (ticks == option("lab")) lab_enough();
    set_timer(time_now() + 2 * kMicrosecond);
}

}  // namespace

KTEST(console_timer_probe) {
    if (!asked()) return;
    trap_hooks.timer = lab_tick;
    set_timer(time_now() + option("lab"));
    u64 count = option("count");
    while (ticks < count) {
    }  // no wfi: QEMU would let the host's time pass
    u64 end = time_now() + 12 * kMillisecond;
    while (time_now() < end) {
    }
    EXPECT_EQ(u64{ticks}, option("count"));
    trap_hooks.timer = lab_late_tick;
    ticks = 0;
    set_timer(time_now() - 100 * kMicrosecond);
    end = time_now() + kMillisecond;
    while (ticks == 0 && time_now() < end) {
    }
    EXPECT_EQ(u64{ticks}, u64{1});
    lab_done();
}

// A flow that does nothing, with the registers that the host chooses, while the timer interrupts it.
KTEST(console_spin_probe) {
    if (!asked()) return;
    trap_hooks.timer = lab_fast_tick;
    set_timer(time_now());
    lab_spin_here();
    trap_hooks.timer = lab_late_tick;
    lab_done();
}

// Exercise 7: sends back `count` bytes, each changed by `lab`.
KTEST(console_echo_probe) {
    if (!asked()) return;
    u64 count = option("count"), key = option("lab");
    kprintf("lab: ready\n");
    // Until all have come, or none for a while: what they take together is up to the host.
    u64 end = time_now() + 4 * kSecond;
    for (u64 got = 0; got < count && time_now() < end;) {
        int byte = console_read();
        if (byte < 0) continue;
        u8 answer = static_cast<u8>(static_cast<u64>(byte) ^ key);
        console_write(ConstBytes(&answer, 1));
        got++;
        end = time_now() + 4 * kSecond;
    }
    end = time_now() + 20 * kMillisecond;  // what comes too much
    while (time_now() < end) {
        int byte = console_read();
        if (byte >= 0) kprintf("lab: a byte too many, %#x\n", static_cast<unsigned>(byte));
    }
}
