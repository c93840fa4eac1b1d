// A text that grows as it is printed: what a file of /proc says.
#pragma once
#include "base/format.h"
#include "base/heap.h"
#include "base/result.h"
#include "base/span.h"

class ProcText final : public FormatSink, Immovable {
  public:
    ~ProcText() { heap_free(text_); }

    void print(const char* format, ...) __attribute__((format(printf, 2, 3)));
    void put(char c) override;
    void clear() { size_ = 0; }

    StringView view() const { return {text_, size_}; }
    // ENOMEM if some of it did not fit into memory.
    Result<void> result() const { return out_of_memory_ ? Errno{ENOMEM} : Result<void>(); }

  private:
    char* text_ = nullptr;
    usize size_ = 0;
    usize capacity_ = 0;
    bool out_of_memory_ = false;
};
