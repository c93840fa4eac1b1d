// execve of a file that is no program fails with ENOEXEC and leaves the caller as it was; so do
// programs for other machines and headers cut short.
#include "check.h"

static void write_program(const char *path, const void *bytes, size_t size) {
    unlink(path);
    int fd = (int)CHECK_OK(open(path, O_WRONLY | O_CREAT | O_EXCL, 0755));
    CHECK_IS(write(fd, bytes, size), size);
    CHECK_OK(close(fd));
}

static void refused(const void *bytes, size_t size) {
    write_program("program", bytes, size);
    CHECK_FAILS(execl("./program", "program", NULL), ENOEXEC);
}

int main(void) {
    enter_scratch();
    refused("junk that is longer than any header could be, but is no program at all", 70);
    refused("", 0);
    refused("\177ELF", 4);
    Elf64_Ehdr header = {.e_ident = "\177ELF\2\1\1",
                         .e_type = ET_EXEC,
                         .e_machine = 0x7777,
                         .e_version = 1,
                         .e_ehsize = 64,
                         .e_phentsize = 56};
    refused(&header, sizeof header);
    header.e_ident[EI_CLASS] = 7;
    header.e_machine = EM_RISCV;
    refused(&header, sizeof header);
    return 0;
}
