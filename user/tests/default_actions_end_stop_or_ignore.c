// Without handlers most signals end a process; SIGCHLD, SIGURG, SIGWINCH and SIGCONT do nothing,
// and those for job control stop it.
#include "check.h"

static int number;

static void send_to_self(void) {
    CHECK_OK(kill(getpid(), number));
}

int main(void) {
    int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    int deadly[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,    SIGTRAP, SIGABRT, SIGBUS,  SIGFPE,
                    SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE,   SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ,
                    SIGIO,   SIGPWR,  SIGSYS,  SIGVTALRM, SIGPROF, SIGKILL};
    for (unsigned i = 0; i < COUNT_OF(harmless); i++) {
        number = harmless[i];
        CHECK_PASSES(send_to_self);
    }
    for (unsigned i = 0; i < COUNT_OF(deadly); i++) {
        number = deadly[i];
        CHECK_KILLED(send_to_self, number);
    }
    number = SIGSTOP;
    pid_t child = start_child(send_to_self);
    int status;
    CHECK_IS(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_OK(kill(child, SIGCONT));
    CHECK_IS(wait_for(child), 0);
    return 0;
}
