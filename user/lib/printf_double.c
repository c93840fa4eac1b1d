// Doubles as decimal text for e, f and g, exact for every value: the number is written out in full
// in words of nine decimal digits (a double has at most 309 digits before the point and 1074
// behind it), rounded there to even, and then laid out.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "libc.h"

#define WORD_DIGITS 9
#define WORD_BASE 1000000000u
#define INT_WORDS 35
#define FRACTION_WORDS 120
#define WORDS (INT_WORDS + FRACTION_WORDS)
#define POINT (INT_WORDS * WORD_DIGITS)  // digits in front of the decimal point
#define DIGITS (WORDS * WORD_DIGITS)

static void multiply_by_power(uint32_t *words, int exponent) {
    while (exponent > 0) {
        int step = exponent < 29 ? exponent : 29;
        uint64_t carry = 0;
        for (int i = INT_WORDS - 1; i >= 0; i--) {
            uint64_t product = ((uint64_t)words[i] << step) + carry;
            words[i] = (uint32_t)(product % WORD_BASE);
            carry = product / WORD_BASE;
        }
        exponent -= step;
    }
}

static void divide_by_power(uint32_t *words, int exponent) {
    while (exponent > 0) {
        int step = exponent < 29 ? exponent : 29;
        uint64_t remainder = 0;
        for (int i = 0; i < WORDS; i++) {
            uint64_t part = remainder * WORD_BASE + words[i];
            words[i] = (uint32_t)(part >> step);
            remainder = part & ((1ul << step) - 1);
        }
        exponent -= step;
    }
}

// All digits of `value`, as characters; the decimal point stands before digits[POINT].
static void write_out(double value, char digits[DIGITS]) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    int exponent = (int)(bits >> 52);
    uint64_t mantissa = bits & ((1ul << 52) - 1);
    if (exponent > 0) mantissa |= 1ul << 52;
    else exponent = 1;
    exponent -= 1075;  // value = mantissa * 2^exponent

    uint32_t words[WORDS] = {0};
    words[INT_WORDS - 1] = (uint32_t)(mantissa % WORD_BASE);
    words[INT_WORDS - 2] = (uint32_t)(mantissa / WORD_BASE);
    multiply_by_power(words, exponent);
    divide_by_power(words, -exponent);
    for (int i = 0; i < WORDS; i++) {
        uint32_t word = words[i];
        for (int k = WORD_DIGITS - 1; k >= 0; k--, word /= 10) {
            digits[i * WORD_DIGITS + k] = (char)('0' + word % 10);
        }
    }
}

// Keeps digits[0, end) only, rounded; a tie goes to the even digit.
static void round_at(char *digits, int end) {
    if (end >= DIGITS) return;
    int up = digits[end] > '5';
    if (digits[end] == '5') {
        up = end > 0 && (digits[end - 1] & 1);
        for (int i = end + 1; i < DIGITS && !up; i++) up = digits[i] != '0';
    }
    memset(digits + end, '0', (size_t)(DIGITS - end));
    for (int i = end - 1; up && i >= 0; i--) {
        up = digits[i] == '9';
        digits[i] = up ? '0' : (char)(digits[i] + 1);
    }
}

static int first_digit(const char *digits) {
    int first = 0;
    while (first < DIGITS && digits[first] == '0') first++;
    return first;
}

static int put_digits(char *buf, const char *digits, int from, int count) {
    for (int i = 0; i < count; i++) buf[i] = from + i < DIGITS ? digits[from + i] : '0';
    return count;
}

static int lay_out_fixed(char *buf, const char *digits, int precision, int show_point) {
    int first = first_digit(digits);
    if (first >= POINT) first = POINT - 1;
    int size = put_digits(buf, digits, first, POINT - first);
    if (precision > 0 || show_point) buf[size++] = '.';
    return size + put_digits(buf + size, digits, POINT, precision);
}

static int lay_out_exponent(char *buf, const char *digits, int precision,
                            const struct conversion *c) {
    int first = first_digit(digits);
    int exponent = first == DIGITS ? 0 : POINT - 1 - first;
    int size = put_digits(buf, digits, first, 1);
    if (precision > 0 || c->alternate) buf[size++] = '.';
    size += put_digits(buf + size, digits, first + 1, precision);
    char letter = c->letter == 'E' || c->letter == 'G' ? 'E' : 'e';
    return size + sprintf(buf + size, "%c%c%02d", letter, exponent < 0 ? '-' : '+',
                          exponent < 0 ? -exponent : exponent);
}

int __double_text(char *buf, double value, const struct conversion *c) {
    char digits[DIGITS];
    int precision = c->precision < 0 ? 6 : c->precision > 1000 ? 1000 : c->precision;
    write_out(value, digits);
    if (c->letter == 'f' || c->letter == 'F') {
        round_at(digits, POINT + precision);
        return lay_out_fixed(buf, digits, precision, c->alternate);
    }
    if (c->letter == 'e' || c->letter == 'E') {
        round_at(digits, first_digit(digits) + precision + 1);
        return lay_out_exponent(buf, digits, precision, c);
    }
    // g: `precision` significant digits, without trailing zeros, in the shorter form.
    if (precision == 0) precision = 1;
    round_at(digits, first_digit(digits) + precision);
    int first = first_digit(digits);
    int exponent = first == DIGITS ? 0 : POINT - 1 - first;
    int significant = precision;
    while (!c->alternate && significant > 1 &&
           (first + significant - 1 >= DIGITS || digits[first + significant - 1] == '0')) {
        significant--;
    }
    if (exponent < -4 || exponent >= precision) {
        return lay_out_exponent(buf, digits, significant - 1, c);
    }
    int behind_point = significant - 1 - exponent;
    return lay_out_fixed(buf, digits, behind_point > 0 ? behind_point : 0, c->alternate);
}
