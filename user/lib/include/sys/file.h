// flock(2).
#pragma once

#include <fcntl.h>

int flock(int fd, int operation);
