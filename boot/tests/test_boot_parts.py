"""Lab 1's parts: with any of them unwritten the stage builds, and panics with the part's name."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grading.elf_file import Elf, R, Segment, X
from grading.machine import Machine
from grading.qemu import PANICKED, Options

ROOT = Path(__file__).resolve().parents[2]
PART = r"^[^\n]*BEGIN SOLUTION\((%s)\)\n.*?END SOLUTION\n((?:[^\n]*(?:STUB|UNTIL): [^\n]*\n)*)"
PARTS = {
    "boot.stack": "start.S",
    "boot.clear_bss": "main.cc",
    "boot.validate_header": "elf_loader.cc",
    "boot.validate_contents": "elf_loader.cc",
    "boot.validate_place": "elf_loader.cc",
    "boot.validate_entry": "elf_loader.cc",
    "boot.load_segment": "elf_loader.cc",
    "boot.jump": "main.cc",
}


def unwritten(source: str, part: str) -> str:
    """The source as the lab's handout has it: the stub's lines instead of the solution."""

    def stub(match: re.Match[str]) -> str:
        return "".join(
            line.split("STUB: ")[1] + "\n" for line in match[2].splitlines() if "STUB: " in line
        )

    text, count = re.subn(PART % re.escape(part), stub, source, flags=re.MULTILINE | re.DOTALL)
    assert count == 1 and text != source, f"{part} is not there once, with a stub"
    return text


def test_every_part_is_listed_here() -> None:
    found = {}
    for file in sorted(ROOT.glob("boot/*.*")):
        for name in re.findall(r"BEGIN SOLUTION\(([\w.]+)\)", file.read_text()):
            found[name] = file.name
    assert found == PARTS


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("boot", "kernel/base", "kernel/abi"):
        shutil.copytree(ROOT / folder, tree / folder)
    halt = Elf([Segment(data=bytes.fromhex("6f000000"), flags=R | X)])
    (tree / "payload").write_bytes(halt.build())
    return tree


@pytest.mark.parametrize("part", PARTS)
def test_an_unwritten_part_says_so(part: str, copy: Path) -> None:
    file = copy / "boot" / PARTS[part]
    solved = file.read_text()
    file.write_text(unwritten(solved, part))
    make = ["make", "-s", "-f", "boot/boot.mk", "B=build", "stage", "PAYLOAD=payload"]
    try:
        done = subprocess.run([*make, "STAGE=stage"], cwd=copy, capture_output=True, text=True)
    finally:
        file.write_text(solved)
    assert done.returncode == 0, done.stderr
    with Machine(Options(copy / "stage")) as machine:
        status = machine.wait_exit()
        assert f"\npanic: {part}: yours to write\n" in machine.console.text.replace("\r", "")
    assert status == PANICKED
