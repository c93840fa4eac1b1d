// prctl(2).
#pragma once

#include <abi/sched.h>

int prctl(int option, ...);
