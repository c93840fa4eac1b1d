// Runs the kernel tests that the command line asks for (ktest=<glob>); see base/ktest.h.
#pragma once

// Does nothing without ktest=. Else runs every test that matches, prints one line each and a
// summary, and powers off: status 0 if all passed and there was at least one, else kExitTestFailed.
void run_kernel_tests();
