// The memory functions, for kernel and boot stage. Sizes are mostly pages or small structures:
// equally aligned stretches go eight words at a time, the rest byte by byte.
#include "base/string.h"
#include "base/span.h"

#ifndef GOOSE_HOST

namespace {

// A word that may alias any object, as the bytes it stands for may.
using Word [[gnu::may_alias]] = u64;

constexpr usize kWord = sizeof(Word);
constexpr usize kBlock = 8 * kWord;

bool aligned_alike(const void* a, const void* b) {
    return ((reinterpret_cast<usize>(a) ^ reinterpret_cast<usize>(b)) % kWord) == 0;
}

usize bytes_to_alignment(const void* p) { return -reinterpret_cast<usize>(p) % kWord; }

void copy_block(Word* to, const Word* from) {
    Word w0 = from[0], w1 = from[1], w2 = from[2], w3 = from[3];
    Word w4 = from[4], w5 = from[5], w6 = from[6], w7 = from[7];
    to[0] = w0, to[1] = w1, to[2] = w2, to[3] = w3;
    to[4] = w4, to[5] = w5, to[6] = w6, to[7] = w7;
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, usize size) {
    u8* out = static_cast<u8*>(to);
    const u8* in = static_cast<const u8*>(from);
    if (size >= kWord && aligned_alike(out, in)) {
        for (usize head = bytes_to_alignment(out); head > 0; head--, size--) *out++ = *in++;
        for (; size >= kBlock; size -= kBlock, out += kBlock, in += kBlock) {
            copy_block(reinterpret_cast<Word*>(out), reinterpret_cast<const Word*>(in));
        }
        for (; size >= kWord; size -= kWord, out += kWord, in += kWord) {
            *reinterpret_cast<Word*>(out) = *reinterpret_cast<const Word*>(in);
        }
    }
    for (; size > 0; size--) *out++ = *in++;
    return to;
}

void* memmove(void* to, const void* from, usize size) {
    u8* out = static_cast<u8*>(to);
    const u8* in = static_cast<const u8*>(from);
    if (out <= in || out >= in + size) return memcpy(to, from, size);
    out += size, in += size;
    if (aligned_alike(out, in)) {
        for (; size > 0 && reinterpret_cast<usize>(out) % kWord != 0; size--) *--out = *--in;
        for (; size >= kWord; size -= kWord) {
            out -= kWord, in -= kWord;
            *reinterpret_cast<Word*>(out) = *reinterpret_cast<const Word*>(in);
        }
    }
    for (; size > 0; size--) *--out = *--in;
    return to;
}

void* memset(void* to, int byte, usize size) {
    u8* out = static_cast<u8*>(to);
    const u8 fill = static_cast<u8>(byte);
    if (size >= kWord) {
        const Word word = fill * 0x0101010101010101ull;
        for (usize head = bytes_to_alignment(out); head > 0; head--, size--) *out++ = fill;
        for (; size >= kBlock; size -= kBlock, out += kBlock) {
            Word* w = reinterpret_cast<Word*>(out);
            w[0] = word, w[1] = word, w[2] = word, w[3] = word;
            w[4] = word, w[5] = word, w[6] = word, w[7] = word;
        }
        for (; size >= kWord; size -= kWord, out += kWord) *reinterpret_cast<Word*>(out) = word;
    }
    for (; size > 0; size--) *out++ = fill;
    return to;
}

int memcmp(const void* a, const void* b, usize size) {
    const u8* left = static_cast<const u8*>(a);
    const u8* right = static_cast<const u8*>(b);
    for (; size > 0; size--, left++, right++) {
        if (*left != *right) return *left - *right;
    }
    return 0;
}

usize strlen(const char* text) {
    usize length = 0;
    while (text[length] != '\0') length++;
    return length;
}

}  // extern "C"

#endif  // GOOSE_HOST

void copy_string(char* to, const char* from, usize size) {
    usize length = min(strlen(from), size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

bool glob_match(StringView pattern, StringView text) {
    usize p = 0, t = 0;
    usize star = StringView::kNone, star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) &&
            pattern[p] != '*') {
            p++, t++;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (star != StringView::kNone) {
            // Let the last star swallow one character more.
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') p++;
    return p == pattern.size();
}

bool parse_number(StringView text, u64& number) {
    bool hexadecimal = text.starts_with("0x");
    StringView digits = hexadecimal ? text.sub(2) : text;
    u64 value = 0;
    for (char c : digits) {
        u64 digit = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' ? (c | 0x20) - 'a' + 10 : 99;
        u64 base = hexadecimal ? 16 : 10;
        if (digit >= base || __builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return false;
        }
    }
    number = value;
    return !digits.empty();
}
