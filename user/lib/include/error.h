// error(3): messages in the form of the GNU utilities.
#pragma once

void error(int status, int error_number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
