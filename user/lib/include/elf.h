// ELF files.
#pragma once

#include <abi/elf.h>

typedef struct {
    uint64_t a_type;
    uint64_t a_val;
} Elf64_auxv_t;

// What the kernel has no use for; the rest is in abi/elf.h.
#define PT_NULL 0
#define PT_DYNAMIC 2
#define PT_NOTE 4
#define PT_SHLIB 5
#define PT_PHDR 6
#define PT_TLS 7
#define PT_GNU_EH_FRAME 0x6474e550
#define PT_GNU_STACK 0x6474e551
#define PT_GNU_RELRO 0x6474e552
#define PT_GNU_PROPERTY 0x6474e553
#define PT_RISCV_ATTRIBUTES 0x70000003
#define AT_PLATFORM 15
#define AT_HWCAP2 26
#define AT_SYSINFO_EHDR 33
#define AT_MINSIGSTKSZ 51
#define HWCAP_RISCV_IMAFDC 0x112dul
