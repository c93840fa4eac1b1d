// With PTRACE_O_TRACEFORK and its like a tracer is told of a child and traces it from its first
// instruction; of a process that is not its child it is told the end before the parent. Exec and the end stop too.
// not-on-qemu-user: it has no ptrace
#include "tracer.h"

static char *words[] = {"again", "child", NULL};

static void body(void) {
    pid_t child = fork();
    if (child == 0) _exit(7);
    int status = 0;
    CHECK_IS(waitpid(child, &status, 0), child);
    CHECK_IS(status, 7 << 8);
    execve((const char *)getauxval(AT_EXECFN), words, words + 2);
}

#define EVENT(event) (W_STOPCODE(SIGTRAP) | (event) << 16)

int main(int argc, char **argv) {
    if (argc > 1) return strcmp(argv[0], "again") == 0 ? 9 : 1;
    pid_t child = start_traced(body);
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC;
    CHECK_OK(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)options));
    CHECK_IS(go_on(child, PTRACE_CONT, 0), EVENT(PTRACE_EVENT_FORK));
    unsigned long grandchild = 0;
    CHECK_OK(ptrace(PTRACE_GETEVENTMSG, child, NULL, &grandchild));
    CHECK_IS(wait_for((pid_t)grandchild), W_STOPCODE(SIGSTOP));
    CHECK_OK(ptrace(PTRACE_CONT, child, NULL, NULL));
    CHECK_IS(go_on((pid_t)grandchild, PTRACE_CONT, 0), 7 << 8);
    CHECK_FAILS(waitpid((pid_t)grandchild, NULL, 0), ECHILD);  // its parent waits for it
    CHECK_IS(wait_for(child), W_STOPCODE(SIGCHLD));
    CHECK_IS(go_on(child, PTRACE_CONT, SIGCHLD), EVENT(PTRACE_EVENT_EXEC));
    CHECK_OK(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)(long)PTRACE_O_TRACEEXIT));
    CHECK_IS(go_on(child, PTRACE_CONT, 0), EVENT(PTRACE_EVENT_EXIT));
    CHECK_OK(ptrace(PTRACE_GETEVENTMSG, child, NULL, &grandchild));
    CHECK_IS(grandchild, 9 << 8);
    CHECK_IS(go_on(child, PTRACE_CONT, 0), 9 << 8);
    return 0;
}
