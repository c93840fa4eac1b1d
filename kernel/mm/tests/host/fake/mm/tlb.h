// The host's stand-in for mm/tlb.h: nothing translates here.
#pragma once
#include "base/address.h"
