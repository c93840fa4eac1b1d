// The strings that exec passes on. See exec.h.
#include "process/exec.h"

// More bytes of strings than this are E2BIG, and more in one of them, with its NUL.
constexpr usize kArgumentLimit = 1 << 20, kStringLimit = 128 << 10;

Result<void> ArgumentBlock::insert(usize at, StringView text) {
    usize size = text_.size(), more = text.size() + 1;
    TRY(text_.resize(size + more));
    char* place = text_.begin() + at;
    memmove(place + more, place, size - at);
    memcpy(place, text.data(), text.size());
    place[text.size()] = '\0';
    count_++;
    return {};
}

Result<void> ArgumentBlock::add(StringView text) { return insert(text_.size(), text); }

// Tries with more and more room, until the string fits or there is too much.
Result<void> ArgumentBlock::add_user_string(UserAddress address) {
    usize start = text_.size(), most = min(kStringLimit, kArgumentLimit - start);
    for (usize room = 128;; room *= 2) {
        room = min(room, most);
        TRY(text_.resize(start + room));
        Result<usize> length =
            read_user_string(address, Span<char>(text_.begin() + start, room), E2BIG);
        TRY(text_.resize(start + (length.ok() ? *length + 1 : 0)));
        if (length.ok()) break;
        if (length.error().number != E2BIG || room == most) return length.error();
    }
    count_++;
    return {};
}

Result<void> ArgumentBlock::add_all(UserAddress array) {
    for (u64 i = 0; array.value != 0; i++) {
        u64 pointer = TRY(UserIn<u64>(array).read(i));
        if (pointer == 0) break;
        TRY(add_user_string(UserAddress(pointer)));
    }
    return {};
}

Result<void> ArgumentBlock::prepend(StringView text) {
    TRY(insert(0, text));
    arguments_++;
    argument_bytes_ += text.size() + 1;
    return {};
}

void ArgumentBlock::drop_first() {
    usize size = strlen(text_.begin()) + 1;
    memmove(text_.begin(), text_.begin() + size, text_.size() - size);
    text_.resize(text_.size() - size).value();
    count_--, arguments_--;
    argument_bytes_ -= size;
}
