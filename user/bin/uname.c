// uname: what the kernel says about itself and the machine.
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "util.h"

static const struct utility self = {"uname",
                                    "Usage: uname [-amnrsv]\n"
                                    "Print the kernel's name, or more.\n\n"
                                    "  -a  all of the following\n"
                                    "  -s  the kernel's name\n"
                                    "  -n  the machine's name in the network\n"
                                    "  -r  the kernel's release\n"
                                    "  -v  the kernel's version\n"
                                    "  -m  the kind of machine\n",
                                    1};

int main(int argc, char **argv) {
    static const char order[] = "snrvm";
    int letter, wanted[5] = {0}, any = 0;
    struct utsname name;
    utility_start(&self);
    while ((letter = next_option(argc, argv, "asnrvm")) != -1) {
        any = 1;
        for (int i = 0; i < 5; i++)
            wanted[i] |= letter == 'a' || letter == order[i];
    }
    if (optind < argc)
        bad_usage("extra operand '%s'", argv[optind]);
    if (!any)
        wanted[0] = 1;
    if (uname(&name) != 0)
        die_errno("cannot get system name");
    const char *parts[] = {name.sysname, name.nodename, name.release, name.version, name.machine};
    const char *separator = "";
    for (int i = 0; i < 5; i++) {
        if (!wanted[i])
            continue;
        printf("%s%s", separator, parts[i]);
        separator = " ";
    }
    putchar('\n');
    return finish(0);
}
