// true: does nothing, successfully.
#include <string.h>

#include "util.h"

static const struct utility self = {"true",
                                    "Usage: true [ignored arguments]\nExit with status 0.\n", 1};

int main(int argc, char **argv) {
    utility_start(&self);
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        fputs(self.usage, stdout);
    return finish(0);
}
