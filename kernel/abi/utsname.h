// uname(2).
#pragma once

#include "abi/check.h"

struct utsname {
    char sysname[65];
    char nodename[65];
    char release[65];
    char version[65];
    char machine[65];
    char domainname[65];
};
ABI_SIZE(struct utsname, 390);
