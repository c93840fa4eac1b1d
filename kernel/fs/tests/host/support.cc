// What the kernel's sources need from the host: memory, a log, a clock, panic.
#include <stdarg.h>
#define fflush fflush_of_stdio  // host.h declares it with another type
#include <stdio.h>
#undef fflush
#include <stdlib.h>

#include "base/format.h"
#include "base/heap.h"
#include "base/panic.h"
#include "cpu/console.h"
#include "cpu/rtc.h"
#include "fs/tests/host/host.h"

bool host_quiet = false;

void* heap_allocate(usize size) { return malloc(size); }
void heap_free(void* memory) { free(memory); }
void operator delete(void* object) noexcept { free(object); }
void operator delete(void* object, usize) noexcept { free(object); }

void kprintf(const char* text, ...) {
    char line[300];
    va_list args;
    va_start(args, text);
    format_into_list(line, sizeof line, text, args);
    va_end(args);
    if (!host_quiet) {
        fputs(line, stderr);
    }
}

void panic(const char* text, ...) {
    char line[300];
    va_list args;
    va_start(args, text);
    format_into_list(line, sizeof line, text, args);
    va_end(args);
    fprintf(stderr, "panic: %s\n", line);
    abort();
}

static u64 clock_now = 1'700'000'000'123'456'789;
u64 wall_clock_now() { return clock_now += 1000; }
u64 time_now() { return clock_now; }
void set_wall_clock(u64 now) { clock_now = now; }

Bytes read_image(const char* path) {
    FILE* file = fopen(path, "rb");
    ASSERT(file != nullptr);
    fseek(file, 0, SEEK_END);
    usize size = static_cast<usize>(ftell(file));
    rewind(file);
    auto* bytes = static_cast<u8*>(malloc(size));
    ASSERT(fread(bytes, 1, size, file) == size);
    fclose(file);
    return {bytes, size};
}

void write_image(const char* path, ConstBytes image) {
    FILE* file = fopen(path, "r+b");
    ASSERT(file != nullptr && fwrite(image.data(), 1, image.size(), file) == image.size());
    fclose(file);
}

bool read_line(char* line, usize size) {
    if (fgets(line, static_cast<int>(size), stdin) == nullptr) {
        return false;
    }
    line[strcspn(line, "\n")] = '\0';
    return true;
}
