// Undefined behaviour (-fsanitize=undefined): the compiler calls a handler with the place in the
// source, the types and the values. Each handler says all of that and panics. The names and the
// layouts are the compilers' (GCC and clang agree on them).
#include "base/panic.h"
#include "cpu/console.h"
#include "cpu/csr.h"
#include "cpu/panic.h"

namespace {

struct Place {
    const char* file;
    u32 line;
    u32 column;
};

struct Type {
    u16 kind;  // 0: an integer
    u16 info;  // of an integer: bit 0 signed; above, the logarithm of its width in bits
    char name[1];

    bool is_integer() const { return kind == 0; }
    bool is_signed() const { return (info & 1) != 0; }
    unsigned bits() const { return 1u << (info >> 1); }
};

// A value as handlers get it: itself up to 64 bits, else its address. Others than integers are not
// shown.
struct Value {
    const Type& type;
    u64 word;

    i64 as_signed() const {
        const unsigned unused = 64 - type.bits();
        return static_cast<i64>(word << unused) >> unused;
    }
};

void print(const Value& value) {
    if (!value.type.is_integer() || value.type.bits() > 64)
        kprintf("(%s)", value.type.name);
    else if (value.type.is_signed())
        kprintf("%ld", value.as_signed());
    else
        kprintf("%lu", value.word);
}

// A report goes on, whatever it meets.
void fail(const Place& place, const char* kind) {
    if (panicking()) return;
    panic("sanitizer: %s:%u:%u: %s", place.file, place.line, place.column, kind);
}

void begin(const Place& place, const char* kind) {
    if (panicking()) return;
    disable_interrupts();
    kprintf("\nsanitizer: %s:%u:%u: %s: ", place.file, place.line, place.column, kind);
}

struct Overflow {
    Place place;
    const Type& type;
};

void fail_overflow(const Overflow& data, u64 a, const char* sign, u64 b) {
    const char* kind = data.type.is_signed() ? "signed overflow" : "unsigned overflow";
    begin(data.place, kind);
    print({data.type, a});
    kprintf(" %s ", sign);
    print({data.type, b});
    kprintf(" does not fit into %s\n", data.type.name);
    fail(data.place, kind);
}

struct Shift {
    Place place;
    const Type& left;
    const Type& right;
};

struct Bounds {
    Place place;
    const Type& array;
    const Type& index;
};

struct Mismatch {
    Place place;
    const Type& type;
    u8 alignment_log;
    u8 access;
};
constexpr const char* kAccesses[] = {"load of",
                                     "store to",
                                     "reference to",
                                     "member access in",
                                     "member call on",
                                     "constructor call on",
                                     "downcast of",
                                     "downcast of",
                                     "upcast of",
                                     "cast to base of",
                                     "_Nonnull binding of",
                                     "dynamic access to"};

struct InvalidValue {
    Place place;
    const Type& type;
};

struct OnlyPlace {
    Place place;
};

}  // namespace

extern "C" {

void __ubsan_handle_add_overflow(const Overflow& data, u64 a, u64 b) {
    fail_overflow(data, a, "+", b);
}
void __ubsan_handle_sub_overflow(const Overflow& data, u64 a, u64 b) {
    fail_overflow(data, a, "-", b);
}
void __ubsan_handle_mul_overflow(const Overflow& data, u64 a, u64 b) {
    fail_overflow(data, a, "*", b);
}
void __ubsan_handle_negate_overflow(const Overflow& data, u64 a) { fail_overflow(data, 0, "-", a); }

void __ubsan_handle_divrem_overflow(const Overflow& data, u64 a, u64 b) {
    const char* kind = b == 0 ? "division by zero" : "signed overflow";
    begin(data.place, kind);
    print({data.type, a});
    kprintf(" / ");
    print({data.type, b});
    kprintf("\n");
    fail(data.place, kind);
}

void __ubsan_handle_shift_out_of_bounds(const Shift& data, u64 value, u64 by) {
    const char* kind = "shift out of range";
    begin(data.place, kind);
    kprintf("%s ", data.left.name);
    print({data.left, value});
    kprintf(" by ");
    print({data.right, by});
    kprintf(" bits\n");
    fail(data.place, kind);
}

void __ubsan_handle_out_of_bounds(const Bounds& data, u64 index) {
    const char* kind = "array index out of bounds";
    begin(data.place, kind);
    print({data.index, index});
    kprintf(" in %s\n", data.array.name);
    fail(data.place, kind);
}

void __ubsan_handle_type_mismatch_v1(const Mismatch& data, u64 address) {
    const u64 alignment = u64{1} << data.alignment_log;
    const char* kind = address == 0               ? "null pointer"
                       : address % alignment != 0 ? "misaligned pointer"
                                                  : "object too small for its type";
    begin(data.place, kind);
    kprintf("%s %s at %#lx, which wants %lu-byte alignment\n",
            data.access < array_size(kAccesses) ? kAccesses[data.access] : "use of", data.type.name,
            address, alignment);
    fail(data.place, kind);
}

void __ubsan_handle_pointer_overflow(const OnlyPlace& data, u64 base, u64 result) {
    const char* kind = "pointer arithmetic out of range";
    begin(data.place, kind);
    kprintf("from %#lx to %#lx\n", base, result);
    fail(data.place, kind);
}

void __ubsan_handle_load_invalid_value(const InvalidValue& data, u64 value) {
    const char* kind = "a value that its type does not have";
    begin(data.place, kind);
    kprintf("%lu for %s\n", value, data.type.name);
    fail(data.place, kind);
}

void __ubsan_handle_vla_bound_not_positive(const InvalidValue& data, u64) {
    fail(data.place, "an array without elements");
}
void __ubsan_handle_builtin_unreachable(const OnlyPlace& data) {
    fail(data.place, "a place that is never reached");
}
void __ubsan_handle_missing_return(const OnlyPlace& data) {
    fail(data.place, "the end of a function that returns a value");
}
void __ubsan_handle_nonnull_arg(const OnlyPlace& data) {
    fail(data.place, "null for an argument that must not be null");
}
void __ubsan_handle_nonnull_return_v1(const OnlyPlace&, const Place& place) {
    fail(place, "null returned where it must not be null");
}
void __ubsan_handle_invalid_builtin(const OnlyPlace& data) {
    fail(data.place, "zero for a builtin that counts zero bits");
}

}  // extern "C"
