// uname(2).
#pragma once

#include "abi/check.h"

struct utsname {
    char sysname[65], nodename[65], release[65];
    char version[65], machine[65], domainname[65];
};
ABI_SIZE(struct utsname, 390);
