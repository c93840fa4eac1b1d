// After MADV_DONTNEED private anonymous memory reads as zero, and a mapped file as the file.
#include "check.h"

int main(void) {
    char *memory = new_pages(3, MAP_PRIVATE);
    memset(memory, 'x', 3 * PAGE);
    CHECK_OK(madvise(memory + PAGE, PAGE, MADV_DONTNEED));
    CHECK_IS(memory[PAGE - 1], 'x');
    CHECK_IS(memory[2 * PAGE], 'x');
    for (long i = 0; i < PAGE; i++) CHECK_IS(memory[PAGE + i], 0);
    enter_scratch();
    int fd = new_file("file", "goose");
    char *mapped = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    mapped[0] = 'm';
    CHECK_OK(madvise(mapped, PAGE, MADV_DONTNEED));
    CHECK_TEXT(mapped, "goose");
    return 0;
}
