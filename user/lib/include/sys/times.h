// times(2).
#pragma once

#include <abi/time.h>
#include <sys/types.h>

clock_t times(struct tms *buf);
