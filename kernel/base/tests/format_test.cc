// Facts about the formatter.
#include "base/format.h"
#include "base/ktest.h"
#include "base/span.h"

namespace {

#define EXPECT_TEXT(wanted, ...)                                                                   \
    do {                                                                                           \
        char text_[64];                                                                            \
        usize length_ = format_into(text_, sizeof text_, __VA_ARGS__);                             \
        EXPECT_EQ(length_, StringView(wanted).size());                                             \
        EXPECT(StringView(text_) == StringView(wanted));                                           \
    } while (0)

}  // namespace

KTEST(base_format_numbers) {
    EXPECT_TEXT("0 1 -1", "%d %u %ld", 0, 1u, -1l);
    EXPECT_TEXT("-9223372036854775808", "%ld", static_cast<long>(u64{1} << 63));
    EXPECT_TEXT("ffffffffffffffff", "%lx", ~0ul);
    EXPECT_TEXT("0x1f 0 17", "%#x %#x %o", 31u, 0u, 15u);
}

KTEST(base_format_pads) {
    EXPECT_TEXT("    7|7    |00007", "%5d|%-5d|%05d", 7, 7, 7);
    EXPECT_TEXT("-0007|  007", "%05d|%5.3d", -7, 7);
    EXPECT_TEXT("  ab|ab  |a", "%4s|%-4s|%.1s", "ab", "ab", "ab");
}

KTEST(base_format_cuts_and_counts) {
    char text[4];
    EXPECT_EQ(format_into(text, sizeof text, "%s", "abcdef"), usize{6});
    EXPECT(StringView(text) == StringView("abc"));
}

KTEST(base_glob) {
    EXPECT(glob_match("a*c", "abc") && glob_match("*", "") && glob_match("?b*", "ab"));
    EXPECT(!glob_match("a*d", "abc") && !glob_match("?", "") && glob_match("*a*b", "xaxab"));
}

KTEST(base_parse_number) {
    u64 number = 0;
    EXPECT(parse_number("0xfF", number) && number == 255);
    EXPECT(parse_number("18446744073709551615", number) && number == ~u64{0});
    EXPECT(!parse_number("18446744073709551616", number) && !parse_number("", number));
    EXPECT(!parse_number("12a", number) && !parse_number("0x", number));
}
