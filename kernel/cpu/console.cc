// Kernel messages out, typed characters in. See console.h.
#include "cpu/console.h"

#include "base/format.h"
#include "cpu/cpu.h"
#include "cpu/interrupt.h"
#include "cpu/log_ring.h"
#include "cpu/machine.h"
#include "cpu/panic.h"
#include "cpu/sbi.h"
#include "cpu/spinlock.h"
#include "cpu/uart.h"

namespace {

constexpr usize kInputSize = 1024;

constinit SpinLock log_lock{LockRank::kLog, "log"};
constinit LogRing log_ring GUARDED_BY(log_lock);

constinit SpinLock input_lock{LockRank::kConsoleInput, "console input"};
constinit u8 input[kInputSize] GUARDED_BY(input_lock);
constinit usize input_read GUARDED_BY(input_lock) = 0;  // both only grow; the slot is the remainder
constinit usize input_written GUARDED_BY(input_lock) = 0;

void send(u8 byte) {
    if (uart_is_open())
        uart_putc(byte);
    else
        sbi_put_character(static_cast<char>(byte));
}

// Where messages go: into the log and, unless they are quiet, out of the port, where a line ends
// with CR LF.
enum class Loudness : u8 { kQuiet, kLoud };

class ConsoleSink final : public FormatSink {
  public:
    explicit ConsoleSink(Loudness loudness) : loudness_(loudness) {}
    void put(char c) override NO_THREAD_SAFETY_ANALYSIS {
        log_ring.put(c);
        if (loudness_ == Loudness::kQuiet) return;
        if (c == '\n') send('\r');
        send(static_cast<u8>(c));
    }

  private:
    Loudness loudness_;
};

void print(Loudness loudness, const char* text, va_list args) {
    ConsoleSink sink(loudness);
    if (panicking()) {  // the lock may be held by a hart that has been stopped
        format(sink, text, args);
        return;
    }
    SpinGuard guard(log_lock);
    format(sink, text, args);
}

// Typing ahead of a full queue is lost, as on every terminal.
void queue_input(u8 byte) {
    SpinGuard guard(input_lock);
    if (input_written - input_read < kInputSize) input[input_written++ % kInputSize] = byte;
}

void uart_interrupt(void*) {
    uart_intr(queue_input);
    console_input_arrived();
}

void nobody_reads() {}

}  // namespace

void (*console_input_arrived)() = nobody_reads;

void kprintf_list(const char* text, va_list args) { print(Loudness::kLoud, text, args); }

void kprintf(const char* text, ...) {
    va_list args;
    va_start(args, text);
    kprintf_list(text, args);
    va_end(args);
}

void log_quietly(const char* text, ...) {
    va_list args;
    va_start(args, text);
    print(Loudness::kQuiet, text, args);
    va_end(args);
}

void console_write(ConstBytes bytes) {
    SpinGuard guard(log_lock);
    for (u8 byte : bytes) send(byte);
}

usize read_log(Bytes to) {
    SpinGuard guard(log_lock);
    return log_ring.copy_last(to);
}

usize log_size() {
    SpinGuard guard(log_lock);
    return log_ring.size();
}

int console_read() {
    SpinGuard guard(input_lock);
    return input_read == input_written ? -1 : input[input_read++ % kInputSize];
}

void setup_console() {
    Result<PhysRange> registers = device_tree().find_compatible("ns16550a").reg();
    if (registers.ok()) uart_open(registers->start);
}

void setup_console_input() {
    TreeNode node = device_tree().find_compatible("ns16550a");
    Result<u32> irq = node.interrupt();
    if (uart_is_open() && irq.ok()) {
        handle_device_interrupt(*irq, uart_interrupt, nullptr);
        uart_enable_interrupts();
    }
}
