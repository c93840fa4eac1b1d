// System calls by number.
#pragma once

#include <abi/syscall_numbers.h>
#include <unistd.h>
