// id: who this process is. Called as whoami it prints the name only.
#include <string.h>
#include <unistd.h>

#include "util.h"

static const struct utility id = {"id",
                                  "Usage: id [-gnuG]\n"
                                  "Print the user and the groups of this process.\n\n"
                                  "  -g, -u  only the group's, only the user's number\n"
                                  "  -G      the numbers of all groups\n"
                                  "  -n      with these, names instead of numbers\n",
                                  1};
static const struct utility whoami = {
    "whoami", "Usage: whoami\nPrint the name of the user of this process.\n", 1};

enum form { NUMBER, NAME, BOTH };

static void print_group(gid_t gid, enum form form) {
    if (form != NAME)
        printf("%u", gid);
    if (form != NUMBER)
        printf(form == BOTH ? "(%s)" : "%s", group_name(gid));
}

static void print_groups(enum form form) {
    gid_t groups[64];
    int count = getgroups(64, groups);
    if (count <= 0) {
        groups[0] = getegid();
        count = 1;
    }
    for (int i = 0; i < count; i++) {
        if (i > 0)
            putchar(form == BOTH ? ',' : ' ');
        print_group(groups[i], form);
    }
}

int main(int argc, char **argv) {
    int letter, what = 0;
    enum form form = NUMBER;
    int only_name = strcmp(last_component(argv[0]), "whoami") == 0;
    utility_start(only_name ? &whoami : &id);
    while ((letter = next_option(argc, argv, only_name ? "" : "gGnu")) != -1) {
        if (letter == 'n')
            form = NAME;
        else
            what = letter;
    }
    if (!only_name && !what && form == NAME)
        die("cannot print only names or real IDs in default format");
    uid_t uid = geteuid();
    if (only_name || (what == 'u' && form == NAME)) {
        fputs(user_name(uid), stdout);
    } else if (what == 'u') {
        printf("%u", uid);
    } else if (what == 'g') {
        print_group(getegid(), form);
    } else if (what == 'G') {
        print_groups(form);
    } else {
        printf("uid=%u(%s) gid=", uid, user_name(uid));
        print_group(getegid(), BOTH);
        fputs(" groups=", stdout);
        print_groups(BOTH);
    }
    putchar('\n');
    return finish(0);
}
