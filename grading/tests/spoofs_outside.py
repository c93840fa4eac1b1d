"""Hostile submissions whose attack is on intake, overlay and build: names, archives, makefiles, includes,
and what a compiler can be made to do."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

from spoof_bench import Place, Spoof, Tree, add, as_folder, as_tar, replace

from grading.grader.build import Bounds
from grading.grader.result import Status

WALK = "test_paging.py::test_walk_goes_down_the_tree"  # 8 points
LOOKUP = "test_paging.py::test_lookup_changes_nothing"  # 5 points
TABLE = "kernel/mm/page_table.cc"
SHORT = Bounds(cpu=8)


def nothing(tree: Tree, place: Place) -> None:
    """The attack is in how it is packed."""


def code(text: str, name: str = "kernel/mm/evil.cc"):  # type: ignore[no-untyped-def]
    """A new file in a folder that the lab opens. @NAME@ stands for a path of the host."""

    def edit(tree: Tree, place: Place) -> None:
        filled = text.replace("@ROOT@", str(place.root)).replace("@SECRET@", str(place.secret))
        filled = filled.replace("@OTHER@", str(place.other)).replace("@CANARY@", str(place.canary))
        tree[name] = filled.encode()

    return edit


# Archives.


def escaping(tree: Tree, folder: Path, place: Place) -> Path:
    """Members that lead out of the folder, and one that would come first to page_table.cc."""
    path = as_tar(tree, folder, place)
    with tarfile.open(path, "w:gz") as tar:
        add(tar, "../" * 12 + str(place.canary).lstrip("/"), b"owned")
        add(tar, str(place.canary), b"owned")
        add(tar, f"kernel/../../{place.canary.name}", b"owned")
        for name, content in tree.items():
            add(tar, name, content)
        add(tar, TABLE, b"int owned;")
    return path


def linked(tree: Tree, folder: Path, place: Place) -> Path:
    """Links, a device and a pipe in place of files."""
    path = folder / "mallory.tar"
    with tarfile.open(path, "w") as tar:
        add(tar, TABLE, type=tarfile.SYMTYPE, linkname=str(place.other))
        add(tar, "kernel/mm/buddy.cc", type=tarfile.LNKTYPE, linkname=str(place.secret))
        add(tar, "kernel/mm/disk.h", type=tarfile.BLKTYPE, devmajor=8, devminor=0)
        add(tar, "kernel/mm/pipe.h", type=tarfile.FIFOTYPE)
        add(tar, "kernel/cpu", type=tarfile.SYMTYPE, linkname="/etc")
        for name in tree.keys() - {TABLE, "kernel/mm/buddy.cc"}:
            add(tar, name, tree[name])
    return path


def linked_folder(tree: Tree, folder: Path, place: Place) -> Path:
    """A checkout in which the student's files are links to another's, and a folder is one to /etc."""
    path = as_folder(tree, folder, place)
    (path / TABLE).unlink()
    (path / TABLE).symlink_to(place.other)
    (path / "kernel/mm/etc").symlink_to("/etc")
    os.mkfifo(path / "kernel/mm/wait.h")
    return path


def bomb(tree: Tree, folder: Path, place: Place) -> Path:
    """Some MiB that unpack to many GiB."""
    path = folder / "mallory.tar.gz"
    header = tarfile.TarInfo("kernel/mm/page_table.cc")
    header.size = 10 << 30
    piece = gzip.compress(bytes(16 << 20), 6)
    with gzip.GzipFile(path, "wb", 1) as out:
        out.write(header.tobuf())
    # The zeroes are one member of the gzip file after another: no reader may trust the first size.
    packer = io.BytesIO()
    with gzip.GzipFile(fileobj=packer, mode="wb", compresslevel=6) as out:
        out.write(header.tobuf())
        for _ in range(20):
            out.write(bytes(16 << 20))
    path.write_bytes(packer.getvalue() + piece)
    return path


def odd_zip(tree: Tree, folder: Path, place: Place) -> Path:
    """A link, an absolute name, and two names that are one on other systems; the rest is honest."""
    path = folder / "mallory.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        link = zipfile.ZipInfo("kernel/mm/link.h")
        link.external_attr = (0o120777 << 16) | 0
        out.writestr(link, str(place.secret))
        out.writestr(str(place.canary), "owned")
        out.writestr("..\\..\\canary", "owned")
        for name, content in tree.items():
            out.writestr(f"lab4/{name}", content)
        out.writestr("lab4/kernel/mm/PAGE_TABLE.cc", "int owned;")
    return path


# The tree's own files.

FORGED = "def test_walk_goes_down_the_tree(): pass\n"


def rewritten(tree: Tree, place: Place) -> None:
    """Makefile, linker script, tests, manifest and the grader's own modules, all to win."""
    tree["Makefile"] = f"grade grade-build all:\n\ttouch {place.canary}\n\tmkdir -p build\n".encode()
    replace(tree, "kernel/kernel.ld", "kernel_entry", "evil_entry")
    tree["labs/04-paging/tests/test_paging.py"] = FORGED.encode()
    tree["labs/04-paging/tests/conftest.py"] = f"open({str(place.canary)!r}, 'w')\n".encode()
    tree["conftest.py"] = f"open({str(place.canary)!r}, 'w')\n".encode()
    tree["labs/04-paging/lab.toml"] = b'number = 4\nname = "paging"\ntitle = "free"\nfloor = "mm"\n'
    tree["labs/grade.py"] = b"def check(*a, **k): pass\n"
    tree["grading/machine.py"] = b"raise SystemExit(0)\n"
    tree["boot/boot.mk"] = f"$(shell touch {place.canary})\n".encode()
    tree["lab.mk"] = f"$(shell touch {place.canary})\n".encode()
    tree["kernel/mm/evil.mk"] = f"$(shell touch {place.canary})\n".encode()


def named_badly(tree: Tree, place: Place) -> None:
    """Names that are words of make or of the shell, a precompiled header, and too many files."""
    tree[f"kernel/mm/$(shell touch {place.canary.name}).cc"] = b""
    tree["kernel/mm/a;touch b.cc"] = b""
    tree["kernel/mm/-o.cc"] = b""
    tree["kernel/mm/page_table.h.gch"] = b"gpch.013"
    tree["kernel/mm/plugin.so"] = b"\x7fELF"
    for number in range(250):
        tree[f"kernel/mm/many{number}.h"] = b"#pragma once\n"


# What a compiler can be made to do.

LOOP = """
template <unsigned long depth, unsigned long path> struct Tree {
    static constexpr unsigned long value = Tree<depth - 1, 2 * path>::value + Tree<depth - 1, 2 * path + 1>::value;
};
template <unsigned long path> struct Tree<0, path> { static constexpr unsigned long value = path; };
extern const unsigned long evil_value = Tree<40, 0>::value;
"""
LOUD = """
#ifndef DEPTH
#define DEPTH 0
#endif
#if __INCLUDE_LEVEL__ < 150
#warning aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
#include "mm/evil.cc"
#include "mm/evil.cc"
#endif
"""
BIG = 'asm(".data\\n .zero 0x100000000\\n");\n'
HIDDEN = """
asm(".section .rodata\\n .globl stolen\\n stolen:\\n"
    ".macro take a, b, file\\n .\\\\a\\\\b \\"\\\\file\\"\\n .endm\\n"
    "take inc, bin, @OTHER@\\n");
"""
SECTIONS = """
asm(".section .text.entry,\\"ax\\"\\n .globl evil_entry\\n evil_entry: j evil_entry\\n"
    ".section .table.ktest,\\"a\\"\\n .quad 0, 0\\n .section .init_array,\\"aw\\"\\n .text\\n");
__attribute__((constructor)) void evil_constructor() {}
"""
PROBES = """
extern "C" {
unsigned long paging_lab_results[16384];
unsigned long paging_lab_step;
void paging_lab_stop() {}
}
"""

NOT_BUILT = Status.NOT_BUILT
OUTSIDE = [
    Spoof("names_lead_out_of_the_archive", "paging", nothing, (r"canary: refused: its name leads out",
          r"refused: an absolute name", rf"{TABLE}: refused: it is there twice"), (WALK, LOOKUP), solved=True,
          earns=13, pack=escaping, quick=True),
    Spoof("links_and_devices_in_the_archive", "paging", nothing, (rf"{TABLE}: refused: a link to",
          r"buddy.cc: refused: a link", r"disk.h: refused: a device", r"pipe.h: refused: a pipe",
          rf"{TABLE}: missing: the handout's is used", r"kernel/cpu: refused: a link to /etc"), (WALK,),
          solved=True, pack=linked),
    Spoof("links_in_the_checkout", "paging", nothing, (rf"{TABLE}: refused: a symbolic link",
          r"kernel/mm/etc: refused: a symbolic link", r"wait.h: refused: a device, pipe or socket"), (WALK,),
          solved=True, pack=linked_folder),
    Spoof("an_archive_that_is_a_bomb", "paging", nothing, (r"not graded: its [\d,]+ bytes unpack to more than",),
          (WALK,), solved=True, status=Status.REJECTED, pack=bomb, quick=True),
    Spoof("a_zip_of_odd_members", "paging", nothing, (r"link.h: refused: a symbolic link",
          r"canary: refused: an absolute name", r"canary: refused: its name leads out",
          r"PAGE_TABLE.cc: refused: it has the same letters"), (WALK, LOOKUP), solved=True, earns=13,
          pack=odd_zip),
    Spoof("everything_else_is_rewritten_and_nothing_written", "paging", rewritten, (r"Makefile: edited",
          r"kernel/kernel.ld: edited", r"test_paging.py: edited", r"lab.toml: edited", r"labs/grade.py: edited",
          r"grading/machine.py: edited", r"boot/boot.mk: edited", r"paging.walk is not written yet"),
          (WALK, LOOKUP), quick=True),
    Spoof("everything_else_is_rewritten_around_honest_work", "paging", rewritten, (r"Makefile: edited",
          r"kernel/kernel.ld: edited", r"evil.mk: not taken"), (WALK, LOOKUP), solved=True, earns=13),
    Spoof("names_that_make_and_shell_would_run", "paging", named_badly, (r"\$\(shell touch canary\).cc: not taken",
          r"a;touch b.cc: not taken", r"-o.cc: not taken", r"page_table.h.gch: not taken",
          r"plugin.so: not taken", r"more than 200 new files"), (WALK,), solved=True, earns=8),
    Spoof("include_of_the_password_file", "paging", code('#include "/etc/passwd"\n'),
          (r"evil.cc:1: #include of /etc/passwd", r"the build looked for /etc/passwd"), (WALK,), solved=True,
          status=NOT_BUILT),
    Spoof("include_by_a_macro", "paging", code("#define WHERE </etc/shadow>\n#include WHERE\n"),
          (r"/etc/shadow",), (WALK,), solved=True, status=NOT_BUILT),
    Spoof("incbin_of_the_tests", "paging",
          code('asm(".incbin \\"@ROOT@/labs/04-paging/tests/test_paging.py\\"");\n'),
          (r"evil.cc:1: .incbin of .*test_paging.py", r"the build looked for .*test_paging.py"), (WALK,),
          solved=True, status=NOT_BUILT, quick=True),
    Spoof("incbin_of_the_tests_below_the_tree", "paging",
          code('asm(".incbin \\"labs/04-paging/tests/test_paging.py\\"");\n'),
          (r"evil.cc:1: .incbin of labs/04-paging", r"file not found"), (WALK,), solved=True, status=NOT_BUILT),
    Spoof("incbin_of_the_class_secret", "paging", code('asm(".incbin \\"@SECRET@\\"");\n'),
          (r"evil.cc:1: .incbin of", r"the build looked for .*class-secret"), (WALK,), solved=True,
          status=NOT_BUILT),
    Spoof("hidden_incbin_of_anothers_submission", "paging", code(HIDDEN), (r"the build looked for .*page_table.cc",),
          (WALK,), solved=True, status=NOT_BUILT),
    Spoof("a_compiler_that_never_ends", "paging", code(LOOP), (r"the build was ended: it was not done after|"
          r"a compiler was ended|out of the memory",), (WALK,), solved=True, status=NOT_BUILT, bounds=SHORT),
    Spoof("a_compiler_that_never_stops_talking", "paging", code(LOUD), (r"the build was ended: it printed more than",),
          (WALK,), solved=True, status=NOT_BUILT, bounds=Bounds(seconds=60, output=1 << 20)),
    Spoof("an_object_of_four_gigabytes", "paging", code(BIG), (r"the build wrote more than it may|it wrote more than",),
          (WALK,), solved=True, status=NOT_BUILT),
    Spoof("sections_of_the_linker_script", "paging", code(SECTIONS), (r"paging.walk is not written|panic",),
          (WALK, LOOKUP)),
    Spoof("the_probe_defined_twice", "paging", code(PROBES), (r"multiple definition of `paging_lab",), (WALK,),
          status=NOT_BUILT),
    Spoof("the_probe_defined_weakly", "paging",
          code(PROBES.replace("unsigned long", "[[gnu::weak]] unsigned long").replace("void", "[[gnu::weak]] void")),
          (r"paging.walk is not written yet|no symbol|several",), (WALK, LOOKUP)),
]  # fmt: skip
