// false: does nothing, unsuccessfully.
#include <string.h>

#include "util.h"

static const struct utility self = {"false",
                                    "Usage: false [ignored arguments]\nExit with status 1.\n", 1};

int main(int argc, char **argv) {
    utility_start(&self);
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        fputs(self.usage, stdout);
    return finish(1);
}
