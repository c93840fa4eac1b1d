// uname gives a system, a release that begins with a number, and the machine riscv64.
#include <sys/utsname.h>

#include "check.h"

int main(void) {
    struct utsname names;
    CHECK_OK(uname(&names));
    CHECK(names.sysname[0] && names.nodename[0] && names.version[0]);
    CHECK(names.release[0] >= '1' && names.release[0] <= '9');
    CHECK_TEXT(names.machine, "riscv64");
    return 0;
}
