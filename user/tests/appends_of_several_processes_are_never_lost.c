// Lines that several processes append to one file, each by its own descriptor, are all there,
// whole.
#include "check.h"

#define WRITERS 4
#define LINES 50

static int number;

static void append_lines(void) {
    int fd = (int)CHECK_OK(open("file", O_WRONLY | O_APPEND));
    for (int i = 0; i < LINES; i++) {
        char line[16];
        snprintf(line, sizeof line, "%d:%05d\n", number, i);
        CHECK_IS(write(fd, line, 8), 8);
    }
}

int main(void) {
    pid_t children[WRITERS];
    int next[WRITERS] = {0};
    enter_scratch();
    make_file("file", "");
    for (number = 0; number < WRITERS; number++) children[number] = start_child(append_lines);
    for (int i = 0; i < WRITERS; i++) CHECK_IS(wait_for(children[i]), 0);
    const char *text = text_of("file");
    CHECK_IS(strlen(text), WRITERS * LINES * 8);
    for (; *text; text += 8) {
        int writer = text[0] - '0';
        CHECK(writer >= 0 && writer < WRITERS);
        CHECK_IS(atoi(text + 2), next[writer]++);
    }
    return 0;
}
