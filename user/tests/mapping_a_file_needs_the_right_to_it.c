// A mapping needs a descriptor open for reading, and a shared writable one, open for writing too.
#include "check.h"

int main(void) {
    enter_scratch();
    make_file("file", "goose");
    int reading = (int)CHECK_OK(open("file", O_RDONLY));
    int writing = (int)CHECK_OK(open("file", O_WRONLY));
    CHECK_FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, writing, 0), EACCES);
    CHECK_FAILS(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reading, 0), EACCES);
    char *memory = (char *)CHECK_OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reading, 0));
    CHECK_FAILS(mprotect(memory, PAGE, PROT_READ | PROT_WRITE), EACCES);
    CHECK_OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reading, 0));
    int ends[2];
    CHECK_OK(pipe(ends));
    CHECK_FAILS(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0), ENODEV);
    return 0;
}
