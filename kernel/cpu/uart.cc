// Driver of the 16550 UART. See uart.h.
#include "cpu/uart.h"

#include "base/panic.h"
#include "cpu/sbi.h"

namespace {

// Registers, one byte each.
constexpr u64 kData = 0;
constexpr u64 kInterruptEnable = 1;
constexpr u64 kFifoControl = 2;
constexpr u64 kLineStatus = 5;

constexpr u8 kReceivedInterrupt = 1;
constexpr u8 kFifoOnAndCleared = 7;
constexpr u8 kDataReady = 1 << 0;
constexpr u8 kTransmitterIdle = 1 << 5;  // the holding register takes another byte
constexpr u8 kTransmitterEmpty = 1 << 6;

constinit volatile u8* uart = nullptr;

}  // namespace

void uart_open(PhysAddr registers) {
    uart = linear_pointer<volatile u8>(registers);
    uart[kInterruptEnable] = 0;
    uart[kFifoControl] = kFifoOnAndCleared;
}

bool uart_is_open() { return uart != nullptr; }

// BEGIN SOLUTION(console.uart_putc)
void uart_putc(u8 byte) {
    while ((uart[kLineStatus] & kTransmitterIdle) == 0) {
    }
    uart[kData] = byte;
}
// END SOLUTION
// STUB: void uart_putc(u8 byte) {
// STUB:     static_cast<void>(byte), static_cast<void>(kData), static_cast<void>(kTransmitterIdle);
// STUB:     stub_reached("console.uart_putc");
// STUB: }
// UNTIL: void uart_putc(u8 byte) {
// UNTIL:     static_cast<void>(kData), static_cast<void>(kTransmitterIdle);
// UNTIL:     sbi_put_character(static_cast<char>(byte));
// UNTIL: }

void uart_enable_interrupts() { uart[kInterruptEnable] = kReceivedInterrupt; }

// BEGIN SOLUTION(console.uart_intr)
void uart_intr(void (*received)(u8 byte)) {
    while ((uart[kLineStatus] & kDataReady) != 0) received(uart[kData]);
}
// END SOLUTION
// STUB: void uart_intr(void (*received)(u8 byte)) {
// STUB:     static_cast<void>(received), static_cast<void>(kDataReady);
// STUB:     panic("console.uart_intr: yours to write");
// STUB: }
// UNTIL: void uart_intr(void (*received)(u8 byte)) {
// UNTIL:     static_cast<void>(received), static_cast<void>(kDataReady);
// UNTIL: }

void uart_drain() {
    while (uart != nullptr && (uart[kLineStatus] & kTransmitterEmpty) == 0) {
    }
}
