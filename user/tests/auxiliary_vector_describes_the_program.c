// The auxiliary vector gives the page size, the program's headers and entry, its name and ids.
#include "check.h"

void _start(void);

static const Elf64_Phdr *segment_with(const void *address) {
    const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
    for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++) {
        if (headers[i].p_type == PT_LOAD && (unsigned long)address >= headers[i].p_vaddr &&
            (unsigned long)address < headers[i].p_vaddr + headers[i].p_memsz) {
            return &headers[i];
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    static int variable;
    CHECK_IS(argc, 1);
    CHECK_IS(getauxval(AT_PAGESZ), PAGE);
    CHECK_IS(getauxval(AT_PHENT), sizeof(Elf64_Phdr));
    CHECK_IS(getauxval(AT_ENTRY), _start);
    const Elf64_Phdr *code = segment_with((const void *)main), *data = segment_with(&variable);
    CHECK(code && data);
    CHECK_IS(code->p_flags & (PF_X | PF_W), PF_X);
    CHECK_IS(data->p_flags & (PF_X | PF_W), PF_W);
    CHECK_TEXT((char *)getauxval(AT_EXECFN), argv[0]);
    CHECK_IS(getauxval(AT_CLKTCK), 100);
    CHECK_IS(getauxval(AT_SECURE), 0);
    CHECK_IS(getauxval(AT_UID), getuid());
    CHECK_IS(getauxval(AT_EGID), getegid());
    CHECK_IS(getauxval(AT_HWCAP) & HWCAP_RISCV_IMAFDC, HWCAP_RISCV_IMAFDC);
    return 0;
}
