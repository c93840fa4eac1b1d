// ELF64 files and the auxiliary vector (System V ABI, RISC-V ELF psABI).
#pragma once

#include "abi/check.h"

typedef struct {
    uint8_t e_ident[16];
    uint16_t e_type, e_machine;
    uint32_t e_version;
    uint64_t e_entry;
    uint64_t e_phoff, e_shoff;
    uint32_t e_flags;
    uint16_t e_ehsize;
    uint16_t e_phentsize, e_phnum;
    uint16_t e_shentsize, e_shnum, e_shstrndx;
} Elf64_Ehdr;
ABI_SIZE(Elf64_Ehdr, 64);

typedef struct {
    uint32_t p_type, p_flags;
    uint64_t p_offset;
    uint64_t p_vaddr, p_paddr;
    uint64_t p_filesz, p_memsz;
    uint64_t p_align;
} Elf64_Phdr;
ABI_SIZE(Elf64_Phdr, 56);

#define ELFMAG "\177ELF"
#define SELFMAG 4

// e_ident indices and values.
#define EI_CLASS 4
#define EI_DATA 5
#define EI_VERSION 6
#define ELFCLASS64 2
#define ELFDATA2LSB 1
#define EV_CURRENT 1

#define ET_EXEC 2
#define ET_DYN 3

#define EM_RISCV 243

#define PT_LOAD 1
#define PT_INTERP 3

#define PF_X 1
#define PF_W 2
#define PF_R 4

#define AT_NULL 0
#define AT_PHDR 3
#define AT_PHENT 4
#define AT_PHNUM 5
#define AT_PAGESZ 6
#define AT_BASE 7
#define AT_FLAGS 8
#define AT_ENTRY 9
#define AT_UID 11
#define AT_EUID 12
#define AT_GID 13
#define AT_EGID 14
#define AT_HWCAP 16
#define AT_CLKTCK 17
#define AT_SECURE 23
#define AT_RANDOM 25
#define AT_EXECFN 31
