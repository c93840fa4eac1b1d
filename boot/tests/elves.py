"""What the boot stage must refuse.

REFUSED is the table of malformed files, with the sentence that the loader must say; both the host
test and the test in QEMU go through it.
"""

from __future__ import annotations

from collections.abc import Callable

from grading.elf_file import KERNEL, LINEAR, NOTE, PHDR, Elf, R, Segment, W, ident


def one(**changes: object) -> bytes:
    """A file of a sound segment 0 and a segment 1 with these changes."""
    second = Segment(paddr=KERNEL + 0x10000, flags=R | W)
    for name, value in changes.items():
        setattr(second, name, value)
    return Elf([Segment(), second]).build()


def with_header(**changes: int | bytes) -> bytes:
    return Elf(header=dict(changes)).build()


def go_linked() -> bytes:
    """What stopped goose once: the file of a Go linker that was told to start at an odd place.

    Text is linked below the first page of the file, so that the offset of the first loadable
    segment, the third header, came out negative.
    """
    text = Segment(
        paddr=KERNEL, vaddr=KERNEL, data=b"\x13\0\0\0" * 1024, offset=0xFFFFFFFFFFFF1000, filesz=0x10000
    )  # fmt: skip
    return Elf(
        [Segment(type=PHDR, flags=R, vaddr=0x803F1040, data=b""),
         Segment(type=NOTE, flags=R, vaddr=0x803F1F9C, data=b"Go\0\0", align=4), text],
        entry=KERNEL + 0x100,
    ).build()  # fmt: skip


GO_SENTENCE = "segment 2: file offset 0xffffffffffff1000 is outside the file"

# On a machine with 128 MiB at 0x80000000, of which OpenSBI and stage have the first 2 MiB and more.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file has 0 bytes, too few for an ELF header"),
    "short": (lambda: Elf().build()[:63], "the file has 63 bytes, too few for an ELF header"),
    "magic": (
        lambda: b"#!/bin/sh" + b"\n" * 99,
        "the file is not ELF: it starts with 23 21 2f 62",
    ),
    "class": (lambda: with_header(**ident(b4=1)), "the class is 1, not 2 (64-bit)"),
    "byte order": (lambda: with_header(**ident(b5=2)), "the byte order is 2, not 1 (little endian)"),
    "ident version": (
        lambda: with_header(**ident(b6=0)),
        "the version in the identification is 0, not 1 (current)",
    ),
    "shared object": (lambda: with_header(type=3), "the type is 3, not 2 (executable)"),
    "x86": (lambda: with_header(machine=62), "the machine is 62, not 243 (RISC-V)"),
    "version": (lambda: with_header(version=7), "the version is 7, not 1 (current)"),
    "header size": (
        lambda: with_header(ehsize=52),
        "the size of the ELF header is 52, not 64 (ELF64)",
    ),
    "program header size": (
        lambda: with_header(phentsize=32),
        "the size of a program header is 32, not 56 (ELF64)",
    ),
    "many headers": (
        lambda: with_header(phnum=65535),
        "the file has 65535 program headers, more than 32",
    ),
    "table cut off": (
        lambda: Elf().build()[:119],
        "1 program headers at file offset 0x40 are not inside the file",
    ),
    "table outside": (
        lambda: with_header(phoff=0x1000000),
        "1 program headers at file offset 0x1000000 are not inside the file",
    ),
    "table wraps": (
        lambda: with_header(phoff=0xFFFFFFFFFFFFFFF0),
        "1 program headers at file offset 0xfffffffffffffff0 are not inside the file",
    ),
    "no headers": (lambda: with_header(phnum=0), "the entry 0xffffffc080400000 is in no segment"),
    "go": (go_linked, GO_SENTENCE),
    "offset outside": (
        lambda: one(offset=0x99999000, filesz=0),
        "segment 1: file offset 0x99999000 is outside the file",
    ),
    "size outside": (
        lambda: one(offset=0x1000, filesz=0x2000),
        "segment 1: 0x2000 bytes at file offset 0x1000 go past the end of the file",
    ),
    "size wraps": (
        lambda: one(offset=0x1000, filesz=0xFFFFFFFFFFFFF800, memsz=0xFFFFFFFFFFFFF800),
        "segment 1: 0xfffffffffffff800 bytes at file offset 0x1000 go past the end of the file",
    ),
    "bigger in file": (
        lambda: one(data=b"x" * 0x100, memsz=0xFF),
        "segment 1: 0x100 bytes in the file do not fit into 0xff in memory",
    ),
    "alignment": (
        lambda: one(align=0x1800, offset=0x1000),
        "segment 1: alignment 0x1800 is not a power of two",
    ),
    "offset alignment": (
        lambda: one(offset=0x1010, filesz=16),
        "segment 1: file offset 0x1010, virtual address 0xffffffc080410000 and physical address "
        "0x80410000 differ modulo 0x1000",
    ),
    "physical alignment": (
        lambda: one(paddr=KERNEL + 0x10008, vaddr=LINEAR + KERNEL + 0x10000, offset=0x1000),
        "segment 1: file offset 0x1000, virtual address 0xffffffc080410000 and physical address "
        "0x80410008 differ modulo 0x1000",
    ),
    "virtual wrap": (
        lambda: one(vaddr=0xFFFFFFFFFFFFF000, memsz=0x1001),
        "segment 1: 0x1001 bytes at virtual address 0xfffffffffffff000 wrap around",
    ),
    "below RAM": (
        lambda: one(paddr=0x10000000),
        "segment 1: 0x40 bytes at 0x10000000 are not inside RAM",
    ),
    "end of RAM": (
        lambda: one(paddr=0x87FFF000, memsz=0x1001),
        "segment 1: 0x1001 bytes at 0x87fff000 are not inside RAM",
    ),
    "physical wrap": (
        lambda: one(paddr=0xFFFFFFFFFFFFF000, vaddr=0x1000, memsz=0x80402000),
        "segment 1: 0x80402000 bytes at 0xfffffffffffff000 are not inside RAM",
    ),
    "huge": (
        lambda: one(vaddr=0x1000, memsz=0xFFFFFFFFFFFFE000),
        "segment 1: 0xffffffffffffe000 bytes at 0x80410000 are not inside RAM",
    ),
    "over OpenSBI": (
        lambda: one(paddr=0x80000000),
        "segment 1: 0x40 bytes at 0x80000000 overlap OpenSBI",
    ),
    "over OpenSBI and stage": (
        lambda: one(paddr=0x80000000, memsz=0x200001),
        "segment 1: 0x200001 bytes at 0x80000000 overlap OpenSBI",
    ),
    "over a segment": (
        lambda: one(paddr=KERNEL - 0x1000, memsz=0x1001),
        "segment 1: 0x1001 bytes at 0x803ff000 overlap segment 0",
    ),
    "inside a segment": (
        lambda: Elf([Segment(memsz=0x9000), Segment(paddr=KERNEL + 0x8000)]).build(),
        "segment 1: 0x40 bytes at 0x80408000 overlap segment 0",
    ),
    "entry nowhere": (
        lambda: Elf(entry=LINEAR + KERNEL + 64).build(),
        "the entry 0xffffffc080400040 is in no segment",
    ),
    "entry is physical": (
        lambda: Elf(entry=KERNEL).build(),
        "the entry 0x80400000 is in no segment",
    ),
    "entry in data": (
        lambda: Elf([Segment(flags=R | W)]).build(),
        "the entry 0xffffffc080400000 is in segment 0, which is not executable",
    ),
    "entry odd": (
        lambda: Elf(entry=LINEAR + KERNEL + 1).build(),
        "the entry 0xffffffc080400001 is at an odd address",
    ),
}
