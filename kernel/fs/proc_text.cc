// A text that grows. See proc_text.h.
#include "fs/proc_text.h"

#include "base/heap.h"

void ProcText::print(const char* text, ...) {
    va_list arguments;
    va_start(arguments, text);
    format(*this, text, arguments);
    va_end(arguments);
}

void ProcText::put(char c) {
    if (size_ == capacity_) {
        usize capacity = max(2 * capacity_, usize{1024});
        char* larger = static_cast<char*>(heap_allocate(capacity));
        if (larger == nullptr) {
            out_of_memory_ = true;
            return;
        }
        memcpy(larger, text_, size_);
        heap_free(text_);
        text_ = larger;
        capacity_ = capacity;
    }
    text_[size_++] = c;
}
