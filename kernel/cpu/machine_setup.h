// The steps of start_cpu(), in their order. Nobody else calls them.
#pragma once
#include "base/address.h"

void setup_boot_hart(u64 hart_id);        // tp works: hart.cc
void read_machine(PhysAddr device_tree);  // machine() works: machine.cc
void setup_harts();                       // hart_count() works: hart.cc
void setup_console();                     // kprintf goes to the serial port: console.cc
void setup_traps();                       // exceptions are reported: trap.cc
void setup_interrupts();                  // the PLIC passes device interrupts on: plic.cc
void setup_time();                        // time_now() and set_timer() work: time.cc
void setup_console_input();               // typed characters interrupt: console.cc

// What each further hart does first (traps, its part of the PLIC, timer).
void setup_traps_on_this_hart();
void setup_interrupts_on_this_hart();
void setup_time_on_this_hart();
