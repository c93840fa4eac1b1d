// What a loader must have done, seen from inside the kernel that it loaded: constants and variables
// have their values, and bss is zero.
#include "base/ktest.h"
#include "base/string.h"
#include "cpu/layout.h"
#include "cpu/machine.h"

namespace {

constexpr u64 kPattern = 0x9e3779b97f4a7c15;

const u64 constants[] = {kPattern, ~kPattern, kPattern * 3};
u64 variables[512] = {kPattern, 1, 2, 3};
u64 zeroes[4096];
u8* pointer_into_zeroes = reinterpret_cast<u8*>(zeroes) + 7;

// Read as the compiler cannot foresee.
template <typename T> T read(const T& place) { return *static_cast<const volatile T*>(&place); }

}  // namespace

KTEST(boot_constants_and_variables_have_their_values) {
    EXPECT_EQ(read(constants[0]), kPattern);
    EXPECT_EQ(read(constants[2]), kPattern * 3);
    EXPECT_EQ(read(variables[0]), kPattern);
    EXPECT_EQ(read(variables[3]), u64{3});
    EXPECT_EQ(read(variables[511]), u64{0});
}

KTEST(boot_bss_is_zero) {
    u64 sum = 0;
    for (const u64& word : zeroes) sum |= read(word);
    EXPECT_EQ(sum, u64{0});
}

KTEST(boot_addresses_are_those_that_were_linked) {
    EXPECT(read(pointer_into_zeroes) == reinterpret_cast<u8*>(zeroes) + 7);
    EXPECT_EQ(physical_address(kernel_start).value, u64{0x80400000});
}

KTEST(boot_device_tree_was_handed_over) {
    EXPECT(machine().memory_count >= 1);
    EXPECT(!boot_option("ktest").empty());
}
