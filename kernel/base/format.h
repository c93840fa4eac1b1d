// printf for places without a C library. format() knows %d %u %x %o %c %s %p %% with flags
// (0, -, # with x), width, precision (also *), and the sizes l and z.
// %p prints 0x and the digits. A null %s prints as (null).
#pragma once
#include <stdarg.h>

#include "base/types.h"

// Where formatted characters go, one at a time.
class FormatSink {
  public:
    virtual void put(char c) = 0;

  protected:
    ~FormatSink() = default;
};

void format(FormatSink& sink, const char* text, va_list args);

// Formats into `buffer`, cut to `size` bytes with a closing NUL; returns the length that the whole
// text has, as snprintf does.
usize format_into(char* buffer, usize size, const char* text, ...)
    __attribute__((format(printf, 3, 4)));
usize format_into_list(char* buffer, usize size, const char* text, va_list args);
