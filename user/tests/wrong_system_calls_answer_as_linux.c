// Calls about the machine with wrong arguments, as root makes them: which error, and which comes first.
// not-on-qemu-user: the tests there need not run as root
#include "questions.h"

static long words[64];

int main(void) {
    enter_scratch();
    make_file("file", "text");
    ASK(-EFAULT, uname, BAD);
    ASK(-EFAULT, sysinfo, BAD);
    ASK(-EINVAL, reboot, 1, 2, 3, 0);
    ASK(-EINVAL, reboot, 0xfee1dead, 672274793, 1, 0);
    ASK(-EINVAL, syslog, 99, 0, 0);
    ASK(-EINVAL, syslog, 3, 0, 10);
    ASK(-EINVAL, syslog, 3, P(words), -1);
    ASK(-EFAULT, syslog, 3, BAD, 10);
    ASK(0, syslog, 3, P(words), 0);
    ASK(-EINVAL, syslog, 8, 0, 99);
    ASK(-EFAULT, chroot, BAD);
    ASK(-ENOTDIR, chroot, P("file"));
    ASK(-ENOENT, chroot, P("none"));
    ASK(-EFAULT, mount, BAD, P("file"), P("proc"), 0, 0);
    ASK(-EFAULT, mount, P("none"), BAD, P("proc"), 0, 0);
    ASK(-ENOENT, mount, P("none"), P("nowhere"), P("proc"), 0, 0);
    ASK(-ENODEV, mount, P("none"), P("."), P("nosuchtype"), 0, 0);
    ASK(-ENOTDIR, mount, P("none"), P("file"), P("proc"), 0, 0);
    ASK(-EFAULT, umount2, BAD, 0);
    ASK(-EINVAL, umount2, P("."), 0);
    ASK(-EINVAL, umount2, BAD, 0x1000);
    ASK(-ENOENT, umount2, P("none"), 0);
    return all_answered();
}
