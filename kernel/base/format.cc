// The formatter behind kprintf, panic and the boot stage's messages; see format.h for what it
// knows. Reference: ISO C 7.21.6.1.
#include "base/format.h"

#include "base/string.h"

namespace {

// One conversion: what stands between % and its letter.
struct Conversion {
    bool zero = false, left = false, alternate = false;
    int width = 0;
    int precision = -1;  // negative: none given
    bool wide = false;   // 64 bits, not 32
};

// A va_list by reference: passed as it is, RISC-V's would be read from the same place again.
struct Arguments {
    va_list list;
};

int read_number(const char*& text, Arguments& args) {
    if (*text == '*') {
        text++;
        return va_arg(args.list, int);
    }
    int number = 0;
    while (*text >= '0' && *text <= '9') number = number * 10 + (*text++ - '0');
    return number;
}

bool read_flag(char c, Conversion& conversion) {
    switch (c) {
    case '0': return conversion.zero = true;
    case '-': return conversion.left = true;
    case '#': return conversion.alternate = true;
    default: return false;
    }
}

void pad(FormatSink& sink, char c, int count) {
    for (; count > 0; count--) sink.put(c);
}

// `prefix` (sign or 0x) then zeros then digits, padded to the width.
void put_field(FormatSink& sink, const Conversion& conversion, const char* prefix,
               const char* digits, int length, int zeros) {
    int prefix_length = static_cast<int>(strlen(prefix));
    int padding = conversion.width - prefix_length - zeros - length;
    if (conversion.zero && !conversion.left && conversion.precision < 0 && padding > 0) {
        zeros += padding;
        padding = 0;
    }
    if (!conversion.left) pad(sink, ' ', padding);
    for (; *prefix != '\0'; prefix++) sink.put(*prefix);
    pad(sink, '0', zeros);
    for (int i = 0; i < length; i++) sink.put(digits[i]);
    if (conversion.left) pad(sink, ' ', padding);
}

void put_number(FormatSink& sink, const Conversion& conversion, u64 value, unsigned base,
                const char* prefix) {
    char digits[24];
    char* end = digits + sizeof digits;
    char* start = end;
    bool nothing = value == 0 && conversion.precision == 0;
    for (; !nothing && (value != 0 || start == end); value /= base) {
        *--start = "0123456789abcdef"[value % base];
    }
    int length = static_cast<int>(end - start);
    put_field(sink, conversion, prefix, start, length, max(conversion.precision - length, 0));
}

void put_signed(FormatSink& sink, const Conversion& conversion, i64 value) {
    u64 magnitude = value < 0 ? -static_cast<u64>(value) : static_cast<u64>(value);
    put_number(sink, conversion, magnitude, 10, value < 0 ? "-" : "");
}

void put_unsigned(FormatSink& sink, const Conversion& conversion, u64 value, char letter) {
    bool marked = conversion.alternate && letter == 'x' && value != 0;
    unsigned base = letter == 'x' ? 16 : letter == 'o' ? 8 : 10;
    put_number(sink, conversion, value, base, marked ? "0x" : "");
}

void put_string(FormatSink& sink, const Conversion& conversion, const char* text) {
    if (text == nullptr) text = "(null)";
    int length = 0;
    while ((conversion.precision < 0 || length < conversion.precision) && text[length] != '\0') {
        length++;
    }
    Conversion plain = conversion;
    plain.zero = false;
    put_field(sink, plain, "", text, length, 0);
}

void convert(FormatSink& sink, char letter, const Conversion& conversion, Arguments& args) {
    switch (letter) {
    case 'd':
        return put_signed(sink, conversion,
                          conversion.wide ? va_arg(args.list, i64) : va_arg(args.list, int));
    case 'u':
    case 'o':
    case 'x':
        return put_unsigned(sink, conversion,
                            conversion.wide ? va_arg(args.list, u64) : va_arg(args.list, unsigned),
                            letter);
    case 'p': return put_number(sink, conversion, va_arg(args.list, u64), 16, "0x");
    case 'c': {
        char c = static_cast<char>(va_arg(args.list, int));
        return put_field(sink, {.left = conversion.left, .width = conversion.width}, "", &c, 1, 0);
    }
    case 's': return put_string(sink, conversion, va_arg(args.list, const char*));
    default: sink.put(letter);  // %% and what nobody knows
    }
}

class BufferSink final : public FormatSink {
  public:
    BufferSink(char* buffer, usize size) : buffer_(buffer), size_(size) {}
    void put(char c) override {
        if (length_ + 1 < size_) buffer_[length_] = c;
        length_++;
    }
    usize finish() {
        if (size_ > 0) buffer_[min(length_, size_ - 1)] = '\0';
        return length_;
    }

  private:
    char* buffer_;
    usize size_;
    usize length_ = 0;
};

}  // namespace

void format(FormatSink& sink, const char* text, va_list list) {
    Arguments args;
    va_copy(args.list, list);
    for (; *text != '\0'; text++) {
        if (*text != '%') {
            sink.put(*text);
            continue;
        }
        text++;
        Conversion conversion;
        while (read_flag(*text, conversion)) text++;
        conversion.width = read_number(text, args);
        if (conversion.width < 0) {
            conversion.left = true;
            conversion.width = -conversion.width;
        }
        if (*text == '.') {
            text++;
            conversion.precision = read_number(text, args);
        }
        for (; *text == 'l' || *text == 'z'; text++) conversion.wide = true;
        if (*text == '\0') break;
        convert(sink, *text, conversion, args);
    }
    va_end(args.list);
}

usize format_into_list(char* buffer, usize size, const char* text, va_list args) {
    BufferSink sink(buffer, size);
    format(sink, text, args);
    return sink.finish();
}

usize format_into(char* buffer, usize size, const char* text, ...) {
    va_list args;
    va_start(args, text);
    usize length = format_into_list(buffer, size, text, args);
    va_end(args);
    return length;
}
