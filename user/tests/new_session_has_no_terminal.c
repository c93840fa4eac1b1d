// A process that begins a session with setsid has no controlling terminal: /dev/tty is ENXIO for
// it.
#include "check.h"

static void look(void) {
    CHECK_OK(setsid());
    CHECK_FAILS(open("/dev/tty", O_RDWR), ENXIO);
}

int main(void) {
    CHECK_PASSES(look);
    return 0;
}
