// See argument_block.h.
#include "process/argument_block.h"

// Makes room for `more` bytes behind those that are used.
Result<void> ArgumentBlock::grow(usize more) {
    if (used_ + more <= capacity_) return {};
    if (used_ + more > kArgumentLimit) return Errno{E2BIG};
    usize capacity = max(usize{2048}, 2 * (used_ + more));
    char* text = static_cast<char*>(heap_allocate(capacity));
    if (text == nullptr) return Errno{ENOMEM};
    memcpy(text, text_, used_);
    heap_free(text_);
    text_ = text;
    capacity_ = capacity;
    return {};
}

Result<usize> ArgumentBlock::add_strings(UserAddress array) {
    UserIn<u64> pointers(array);
    for (usize count = 0; array.value != 0; count++) {
        u64 pointer = TRY(pointers.read(count));
        if (pointer == 0) return count;
        // Try with the room there is, then with more, until the string fits or there is too much.
        for (usize room = 128;; room *= 2) {
            TRY(grow(min(room, kStringLimit)));
            usize most = min(capacity_ - used_, kStringLimit);
            Result<usize> length =
                read_user_string(UserAddress(pointer), Span<char>(text_ + used_, most), E2BIG);
            if (length.ok()) {
                used_ += *length + 1;
                break;
            }
            if (length.error().number != E2BIG || most == kStringLimit) return length.error();
        }
    }
    return usize{0};
}

Result<void> ArgumentBlock::add_arguments(UserAddress array) {
    arguments_ += TRY(add_strings(array));
    argument_bytes_ = used_;
    return {};
}

Result<void> ArgumentBlock::add_environment(UserAddress array) {
    environment_ += TRY(add_strings(array));
    return {};
}

Result<void> ArgumentBlock::append(StringView text) {
    TRY(grow(text.size() + 1));
    memcpy(text_ + used_, text.data(), text.size());
    used_ += text.size();
    text_[used_++] = '\0';
    return {};
}

Result<void> ArgumentBlock::add_argument(StringView text) {
    TRY(append(text));
    arguments_++;
    argument_bytes_ = used_;
    return {};
}

Result<void> ArgumentBlock::add_environment_string(StringView text) {
    TRY(append(text));
    environment_++;
    return {};
}

Result<void> ArgumentBlock::prepend_argument(StringView text) {
    usize size = text.size() + 1;
    TRY(grow(size));
    memmove(text_ + size, text_, used_);
    memcpy(text_, text.data(), text.size());
    text_[text.size()] = '\0';
    used_ += size;
    argument_bytes_ += size;
    arguments_++;
    return {};
}

void ArgumentBlock::drop_first_argument() {
    if (arguments_ > 0) {
        usize size = strlen(text_) + 1;
        memmove(text_, text_ + size, used_ - size);
        used_ -= size;
        argument_bytes_ -= size;
        arguments_--;
    }
}
