// /proc/PID/stat has 52 fields, among them number, name, state, parent and group of the process.
// not-on-qemu-user: the process that Linux shows there is the emulator.
#include "check.h"

static void wait_for_signal(void) {
    for (;;) pause();
}

int main(void) {
    char path[64], name[32], state;
    int pid, parent, group, session;
    pid_t child = start_child(wait_for_signal);
    nap(30);
    snprintf(path, sizeof path, "/proc/%d/stat", child);
    const char *text = text_of(path);
    CHECK_IS(
        sscanf(text, "%d (%15[^)]) %c %d %d %d", &pid, name, &state, &parent, &group, &session), 6);
    CHECK_IS(pid, child);
    CHECK_TEXT(name, "proc_stat_descr");
    CHECK_IS(state, 'S');
    CHECK_IS(parent, getpid());
    CHECK_IS(group, getpgrp());
    CHECK_IS(session, getsid(0));
    int fields = 1;
    for (const char *at = text; *at && *at != '\n'; at++) fields += *at == ' ';
    CHECK_IS(fields, 52);
    CHECK_OK(kill(child, SIGKILL));
    CHECK_IS(wait_for(child), SIGKILL);
    CHECK_FAILS(open(path, O_RDONLY), ENOENT);
    return 0;
}
