// A file that begins with `#!` is run by the program named there, with the rest of that line, the
// file's path and the arguments.
#include "check.h"

static void exec_script(void) {
    CHECK_OK(dup2((int)CHECK_OK(open("out", O_WRONLY | O_CREAT, 0644)), STDOUT_FILENO));
    execl("./script", "any name", "first", "two words", NULL);
    check_failed(__FILE__, __LINE__, "execl", strerror(errno));
}

int main(void) {
    enter_scratch();
    make_file("script", "#! /bin/sh -e\necho \"$0:$1:$2:$#\"\nfalse\necho not here\n");
    CHECK_OK(chmod("script", 0755));
    CHECK_IS(WEXITSTATUS(status_of(exec_script)), 1);
    CHECK_TEXT(text_of("out"), "./script:first:two words:2\n");
    return 0;
}
