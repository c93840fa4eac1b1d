"""A sanitized kernel (make SAN=1) notices each kind of fault, and says what it was and where.

The faults are those of kernel/sanitize/tests/planted.cc: plant=NAME on the kernel's command line
does one of them. `make test` builds the lowest floors with SAN=1 and tries some; `make test SAN=1`
tries all, on the kernel that its other tests run on.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conftest import BUILD, ROOT, SANITIZED, Start, alone, make

from grading.qemu import PANICKED

PLANTED = "kernel/sanitize/tests/planted.cc"
# What the console must say (as a pattern over all of it) of each planted fault.
SAID = {
    "heap-after-free": r"16 bytes into a freed heap block of 40 bytes.*allocated by:.*freed by:\n"
    r"    \S+ free_in_test.*panic: .*use after free of a heap block: write of 8 bytes",
    "heap-beyond": r"0 bytes after a heap block of 45 bytes.*allocated by:"
    r".*panic: .*out of bounds of a heap block: write of 1 byte at",
    "heap-before": r"8 bytes before a heap block of 256 bytes"
    r".*panic: .*out of bounds of a heap block: write of 8 bytes",
    "heap-large-beyond": r"0 bytes after a heap block of 5000 bytes"
    r".*panic: .*out of bounds of a heap block: write of 8 bytes",
    "heap-double-free": r"freed by:\n    \S+ free_in_test"
    r".*panic: .*free of a heap block that is free already",
    "heap-free-inside": r"16 bytes into a heap block of 40 bytes.*allocated by:"
    r".*panic: .*free of what is no heap block's start, at 0x",
    "memcpy-beyond": r"0 bytes after a heap block of 100 bytes"
    r".*panic: .*out of bounds of a heap block: write of 101 bytes",
    "memset-negative": r"0 bytes after a heap block of 100 bytes"
    r".*panic: .*out of bounds of a heap block: write of 18446744073709551615 bytes",
    "frame-after-release": r"panic: .*use of a free page frame: read of 4 bytes",
    "frames-after-free": r"panic: .*use of a free page frame: write of 1 byte",
    "frame-never-allocated": r"panic: .*use of a free page frame: write of 1 byte",
    "stack-beyond": r"32 10 \d+ text:\d+.*panic: .*out of bounds of a local variable: write of 1",
    "stack-after-scope": r"panic: .*use of a local variable after its scope: write of 1 byte",
    "global-beyond": r"0 bytes after 'global_array', 20 bytes"
    r".*panic: .*out of bounds of a global variable: write of 4 bytes",
    "null": r"load of 'volatile int' at 0,.*panic: .*planted.cc:{line}:\d+: null pointer",
    "null-memory": r"panic: .*access through a null pointer: write of 8 bytes at 0\n",
    "misaligned": r"store to 'volatile unsigned int' at 0x\w+1, which wants 4-byte alignment"
    r".*panic: .*planted.cc:\d+:\d+: misaligned pointer",
    "signed-overflow": r"2147483647 \+ 1 does not fit into 'int'"
    r".*panic: .*planted.cc:{line}:\d+: signed overflow",
    "signed-multiplication": r"4611686018427387904 \* -4 does not fit into 'long int'"
    r".*panic: .*planted.cc:{line}:\d+: signed overflow",
    "negation": r"- -2147483648 does not fit into 'int'"
    r".*panic: .*planted.cc:{line}:\d+: signed overflow",
    "division-by-zero": r"7 / 0\n.*panic: .*planted.cc:{line}:\d+: division by zero",
    "shift": r"'long unsigned int' 1 by 64 bits.*panic: .*planted.cc:{line}:\d+: shift out of range",
    "negative-shift": r"'unsigned int' 1 by -1 bits"
    r".*panic: .*planted.cc:{line}:\d+: shift out of range",
    "index": r"7 in 'int \[5\]'.*panic: .*planted.cc:{line}:\d+: array index out of bounds",
    "invalid-bool": r"2 for 'bool'.*panic: .*planted.cc:\d+:\d+: a value that its type does not have",
    "unreachable": r"panic: .*planted.cc:\d+:\d+: a place that is never reached",
}
SOME = ["heap-after-free", "heap-beyond", "frame-after-release", "stack-beyond", "null"]
SOME += ["signed-overflow", "shift", "misaligned"]


@pytest.fixture(scope="module")
def kernel(build: Path) -> Path:
    """A sanitized kernel: the one under test, or one of the lowest floors."""
    if SANITIZED:
        return build / "goose.elf"
    folder = BUILD / "sanitized"
    with alone(BUILD / "sanitized.lock"):
        make("SAN=1", "LAYERS=mm", f"B={folder}", f"{folder}/goose.elf")
    return folder / "goose.elf"


def line_of(fault: str) -> int:
    """The line of planted.cc on which a fault of one line stands."""
    lines = (ROOT / PLANTED).read_text().splitlines()
    return next(n for n, line in enumerate(lines, start=1) if f'{{"{fault}",' in line)


@pytest.mark.parametrize("fault", SAID if SANITIZED else SOME)
def test_planted_fault_is_named(start: Start, kernel: Path, fault: str) -> None:
    run = start(kernel=kernel, append=f"plant={fault}", failures=())
    assert run.wait_exit(20) == PANICKED, run.console.text
    wanted = SAID[fault].replace("{line}", str(line_of(fault)))
    said = run.console.text[run.console.text.index("goose: ") :]
    assert re.search(wanted, said, re.DOTALL), f"expected {wanted!r} in\n{said}"
    # The backtrace goes on to the one who did it.
    assert "commit_planted_fault" in said[said.index("backtrace:") :], said


def test_a_fault_of_another_name_is_not_noticed(start: Start, kernel: Path) -> None:
    run = start(kernel=kernel, append="plant=nothing", failures=())
    assert run.wait_exit(20) == PANICKED
    assert "planted fault: nothing was noticed" in run.console.text, run.console.text


def test_every_planted_fault_is_tried() -> None:
    planted = re.findall(r'^    \{"([a-z-]+)",', (ROOT / PLANTED).read_text(), re.MULTILINE)
    assert sorted(planted) == sorted(SAID)


@pytest.mark.skipif(SANITIZED, reason="it is about the kernel that is not sanitized")
def test_a_normal_kernel_has_nothing_of_it(build: Path) -> None:
    image = (build / "kernel.elf").read_bytes()
    for name in (b"__asan_", b"__ubsan_", b"__wrap_", b"report_access"):
        assert name not in image, f"kernel.elf has {name.decode()} in it"
