"""Programs built by the distribution's cross compiler, with glibc and libstdc++, run unmodified.

What they print on goose is compared with what the same file prints under qemu-riscv64.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from tests.conftest import Start
from foreign import PROGRAMS, compile_static, install


@pytest.mark.parametrize("source", ["hello.c", "streams.cc"])
def test_static_program_runs_as_on_linux(
    machine: Start, image: Path, folder: Path, source: str
) -> None:
    program = compile_static(PROGRAMS / source, folder / "program")
    install(image, program, "program")
    words = ["one", "two words"]
    linux = subprocess.run(
        ["qemu-riscv64", "-E", "HOME=/root", str(program), *words], capture_output=True, text=True
    )
    run = machine(image=image)
    run.wait_prompt()
    ran = run.run("HOME=/root /program one 'two words'", 20)
    assert (ran.status, ran.output) == (linux.returncode, linux.stdout)


def test_a_killed_program_leaves_the_shell(machine: Start, image: Path, folder: Path) -> None:
    source = folder / "crash.c"
    source.write_text("int main(void) { return *(volatile int*) 0; }\n")
    install(image, compile_static(source, folder / "crash"), "crash")
    run = machine(image=image)
    run.wait_prompt()
    assert run.run("/crash").status == 128 + 11
    assert run.check("echo still here") == "still here\n"
