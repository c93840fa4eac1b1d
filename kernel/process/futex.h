// Waiting for a word of user memory to change: futex(2), WAIT and WAKE. A word in private memory is
// known by its space and address, one in shared memory by its object and offset.
#pragma once
#include "process/address_space.h"
#include "process/user_memory.h"

// Wakes at most `count` waiters on the word at `address`; returns how many.
u32 wake_futex(AddressSpace& space, UserAddress address, u32 count);
