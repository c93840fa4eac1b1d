// execve changes the program, not the process: number, group, folder, mask of modes and children.
#include "check.h"

static char own[16], parent[16];

static void exec_it(void) {
    CHECK_OK(mkdir("inside", 0755));
    CHECK_OK(chdir("inside"));
    umask(031);
    snprintf(own, sizeof own, "%d", getpid());
    snprintf(parent, sizeof parent, "%d", getppid());
    CHECK_OK(setpgid(0, 0));
    char *arguments[] = {"after", own, parent, NULL};
    exec_self(arguments, environ);
    check_failed(__FILE__, __LINE__, "execve", strerror(errno));
}

static void look(char **argv) {
    CHECK_IS(getpid(), atoi(argv[1]));
    CHECK_IS(getppid(), atoi(argv[2]));
    CHECK_IS(getpgid(0), atoi(argv[1]));
    CHECK_IS(umask(0), 031);
    char folder[4096];
    CHECK(getcwd(folder, sizeof folder));
    CHECK(strlen(folder) > 7);
    CHECK_TEXT(folder + strlen(folder) - 7, "/inside");
}

int main(int argc, char **argv) {
    (void)argc;
    if (strcmp(argv[0], "after") == 0) {
        look(argv);
        return 0;
    }
    enter_scratch();
    CHECK_PASSES(exec_it);
    return 0;
}
