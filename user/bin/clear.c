// clear: empties the screen of a terminal that understands ANSI sequences.
#include <unistd.h>

#include "util.h"

static const struct utility self = {"clear", "Usage: clear\nClear the terminal's screen.\n", 1};

int main(int argc, char **argv) {
    utility_start(&self);
    while (next_option(argc, argv, "") != -1) {
    }
    fputs("\033[H\033[2J\033[3J", stdout);  // to the corner; the screen; what was scrolled away
    return finish(0);
}
