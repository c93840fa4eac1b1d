// A script whose interpreter is a script runs that one's interpreter, with both paths as arguments.
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("inner", "#!/bin/echo first\n");
    make_file("outer", "#!./inner second\n");
    make_file("last", "#!./outer");  // no newline before its end
    CHECK_OK(chmod("inner", 0755));
    CHECK_OK(chmod("outer", 0755));
    CHECK_OK(chmod("last", 0755));
    int ends[2];
    CHECK_OK(pipe(ends));
    pid_t child = (pid_t)CHECK_OK(fork());
    if (child == 0) {
        dup2(ends[1], 1);
        execl("./last", "./last", "argument", NULL);
        _exit(127);
    }
    close(ends[1]);
    CHECK_IS(wait_for(child), 0);
    char said[256] = "";
    ssize_t count = CHECK_OK(read(ends[0], said, sizeof said - 1));
    said[count] = 0;
    CHECK_TEXT(said, "first ./inner second ./outer ./last argument\n");
    return 0;
}
