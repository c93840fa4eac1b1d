// Random bytes that nobody can guess from others: the ChaCha20 key stream, keyed from the firmware's
// seed and the clock, for stack guards, getrandom(2) and /dev/urandom.
// Reference: RFC 8439; "rng-seed" in the device tree's /chosen.
#pragma once
#include "base/span.h"

void fill_random(Bytes to);
