// Text out and characters in. kprintf writes whole messages to the log ring and to the serial line;
// what is typed arrives by interrupt in a small queue that floor io's terminal drains.
// kprintf may be called anywhere, also in interrupt handlers, and before the serial port is found:
// then OpenSBI prints.
#pragma once
#include <stdarg.h>

#include "base/span.h"

void kprintf(const char* format, ...) __attribute__((format(printf, 1, 2)));
void kprintf_list(const char* format, va_list args);
// The same into the log ring only: for what should not disturb the screen (dmesg shows it).
void log_quietly(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Writes bytes to the serial line as they are (a terminal's output; not kept in the log).
void console_write(ConstBytes bytes);
// Copies the last bytes of the log (at most to.size()) into `to`, oldest first; returns how many.
usize read_log(Bytes to);
usize log_size();

// The next character typed, or -1. Called by the one reader that `console_input_arrived` tells.
int console_read();
// Called by the interrupt handler after characters have arrived; floor io sets it.
extern void (*console_input_arrived)();
