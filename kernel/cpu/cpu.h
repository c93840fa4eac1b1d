// Floor cpu on one page: start_cpu() makes the boot hart usable, in the order that its parts need.
#pragma once
#include "base/address.h"

// Reads the device tree, finds the console, turns traps, timer and device interrupts on, and prints
// the banner. `hart_id` and the blob's address are what the boot stage passed on.
void start_cpu(u64 hart_id, PhysAddr device_tree);

// Does nothing without ktest=. Else runs every kernel test that matches (base/ktest.h), prints one
// line each and a summary, and powers off: status 0 if all passed and there was at least one, else
// kExitTestFailed.
void run_kernel_tests();

// The steps of start_cpu(), in their order. Nobody else calls them.
void setup_boot_hart(u64 hart_id);        // tp works: hart.cc
void read_machine(PhysAddr device_tree);  // machine() works: machine.cc
void setup_harts();                       // hart_count() works: hart.cc
void setup_console();                     // kprintf goes to the serial port: console.cc
void setup_traps_on_this_hart();          // exceptions are reported: trap.cc
void setup_interrupts();                  // the PLIC passes device interrupts on: plic.cc
void setup_time();                        // time_now() and set_timer() work: time.cc
void setup_console_input();               // typed characters interrupt: console.cc

// What each further hart does first, after its traps.
void setup_interrupts_on_this_hart();
void setup_time_on_this_hart();
