// poweroff: writes everything to the disk and ends the machine. Called as reboot it starts it
// again, as halt it stops it.
#include <errno.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "util.h"

static const struct utility poweroff = {
    "poweroff",
    "Usage: poweroff [-f]\nWrite everything to the disk and switch the machine off.\n\n"
    "  -f  at once; init is not asked in any case\n",
    1};
static const struct utility halt = {
    "halt",
    "Usage: halt [-f]\nWrite everything to the disk and stop the machine.\n\n"
    "  -f  at once; init is not asked in any case\n",
    1};
static const struct utility restart = {
    "reboot",
    "Usage: reboot [-f]\nWrite everything to the disk and start the machine again.\n\n"
    "  -f  at once; init is not asked in any case\n",
    1};

int main(int argc, char **argv) {
    const char *name = last_component(argv[0]);
    const struct utility *self = &poweroff;
    int command = RB_POWER_OFF;
    if (strcmp(name, halt.name) == 0) {
        self = &halt;
        command = RB_HALT_SYSTEM;
    } else if (strcmp(name, restart.name) == 0) {
        self = &restart;
        command = RB_AUTOBOOT;
    }
    utility_start(self);
    while (next_option(argc, argv, "f") != -1) {
    }
    if (optind < argc)
        bad_usage("extra operand '%s'", argv[optind]);
    sync();
    reboot(command);  // returns only if it fails
    complain_errno("the kernel refuses");
    return 1;
}
