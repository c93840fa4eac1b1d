// Facts about strings, lists and results.
#include "base/ktest.h"
#include "base/list.h"
#include "base/random.h"
#include "base/result.h"
#include "base/span.h"

namespace {

struct Item {
    int value;
    ListNode node;
};

Result<int> half(int n) {
    if (n % 2 != 0) return Errno{EINVAL};
    return n / 2;
}

Result<int> quarter(int n) {
    int h = TRY(half(n));
    return half(h);
}

u8 source[200], target[200];

}  // namespace

KTEST(base_try_passes_errors_on) {
    EXPECT_EQ(quarter(12).value_or(-1), 3);
    EXPECT_EQ(quarter(6).error().number, EINVAL);
}

KTEST(base_list_keeps_order) {
    List<Item, &Item::node> list;
    Item one{1, {}}, two{2, {}}, three{3, {}};
    list.push_back(two);
    list.push_front(one);
    list.push_back(three);
    int wanted = 1;
    for (Item& item : list) EXPECT_EQ(item.value, wanted++);
    list.remove(two);
    EXPECT(list.next(one) == &three);
    EXPECT(list.pop_front() == &one && list.pop_front() == &three && list.empty());
}

KTEST(base_memmove_of_every_overlap) {
    Random random(7);
    for (int round = 0; round < 300; round++) {
        usize from = random.below(64), to = random.below(64), size = random.below(130);
        for (usize i = 0; i < sizeof source; i++) {
            source[i] = target[i] = static_cast<u8>(random.next());
        }
        memmove(target + to, target + from, size);
        bool same = true;
        for (usize i = 0; i < sizeof target; i++) {
            u8 wanted = i >= to && i < to + size ? source[from + i - to] : source[i];
            same = same && target[i] == wanted;
        }
        EXPECT(same);
    }
}

KTEST(base_memset_and_memcpy_keep_borders) {
    for (usize start = 0; start < 9; start++) {
        for (usize size = 0; size < 90; size++) {
            memset(target, 0xee, sizeof target);
            memset(source, 0x11, sizeof source);
            memset(target + start, 0x22, size);
            memcpy(source + start, target + start, size);
            bool right = true;
            for (usize i = 0; i < sizeof target; i++) {
                bool inside = i >= start && i < start + size;
                right = right && target[i] == (inside ? 0x22 : 0xee) &&
                        source[i] == (inside ? 0x22 : 0x11);
            }
            EXPECT(right);
        }
    }
}
