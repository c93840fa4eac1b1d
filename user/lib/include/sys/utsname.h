// uname(2).
#pragma once

#include <abi/utsname.h>

int uname(struct utsname *buf);
