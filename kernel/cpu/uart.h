// The serial port: a 16550 UART, as QEMU's virt machine and most boards have it.
// Reference: National Semiconductor PC16550D data sheet.
#pragma once
#include "cpu/layout.h"

// Uses the UART at `registers` from now on.
void uart_open(PhysAddr registers);
// Whether uart_open has been called.
bool uart_is_open();
// Sends one byte, waiting while the port is busy.
void uart_putc(u8 byte);
// Lets received bytes interrupt.
void uart_enable_interrupts();
// The interrupt handler: passes every byte that has arrived to `received`.
void uart_intr(void (*received)(u8 byte));
// Waits until the last byte has left.
void uart_drain();
