"""A course of two labs and three files, to try the tools on: frames, then paging."""

from __future__ import annotations

import subprocess
from pathlib import Path

from labs.course import find_lab
from labs.handout import make_handout

FRAME = """\
// Frames.
#include "mm/frame.h"

int before_take() { return 1; }

int take_frame(int order) {
    // BEGIN SOLUTION(frames.allocate)
    int taken_block = split_the_larger(order);
    mark_as_taken(taken_block, order);
    return taken_block;
    // END SOLUTION
    // STUB: panic("frames.allocate: yours to write");
}

// Text between the two parts.
// It has several lines.
// So edits of it do not touch.

int give_frame(int frame) {
    // BEGIN SOLUTION(frames.free)
    return join_with_buddy(frame, order_of(frame));
    // END SOLUTION
    // STUB: panic("frames.free: yours to write");
}

int after_give() { return 2; }
"""
TABLE = """\
// Page tables.
int walk_table(int address) {
    // BEGIN SOLUTION(paging.walk)
    return follow_level(root_table, address >> 30);
    // END SOLUTION
    // STUB: panic("paging.walk: yours to write");
    // UNTIL: return panic_later(address);
}

int table_count = 0;
"""
MANIFEST = """\
number = {number}
name = "{name}"
title = "{title}"
floor = "mm"
reading = 10
work = 60
open = ["{folder}"]
files = {files}
docs = ["mm.md"]
[[exercise]]
number = 1
title = "The first"
parts = {parts}
"""
ANSWERS = "# Answers\n\n## 1. Why?\n\n(your answer)\n\n## 2. How?\n\n(your answer)\n"
FILES = {
    ".gitignore": "/build/\n/submission-*.tar.gz\n",
    "Makefile": "all:\n",
    "kernel/main.cc": "int main() {}\n",
    "kernel/mm/frame.cc": FRAME,
    "kernel/mm/frame.h": "// Frames: interface.\n#pragma once\nint take_frame(int order);\n",
    "kernel/mm/heap.cc": "// Given.\nint heap;\n",
    "kernel/mm/page_table.cc": TABLE,
    "docs/mm.md": "# Memory\n\nFrames come in blocks.\n",
    "labs/student.mk": "",
    "labs/03-frames/lab.toml": MANIFEST.format(
        number=3,
        name="frames",
        title="Frames",
        folder="kernel/mm",
        files='["kernel/mm/frame.h"]',
        parts='["frames.allocate", "frames.free"]',
    ),
    "labs/04-paging/lab.toml": MANIFEST.format(
        number=4,
        name="paging",
        title="Tables",
        folder="kernel/mm",
        files="[]",
        parts='["paging.walk"]',
    ),
    "labs/03-frames/mutants.toml": '[[mutant]]\nname = "m"\npart = "frames.free"\nstory = "s"\n'
    'replace = "a"\nby = "b"\ntest = "t"\nsays = "s"\n',
    "labs/03-frames/tests/test_frames.py": "def test_frames(): ...\n",
    "labs/04-paging/tests/test_paging.py": "def test_paging(): ...\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def make_course(root: Path) -> Path:
    """The whole tree, solutions and all, as a git repository."""
    write(root, FILES)
    for lab in ("03-frames", "04-paging"):
        write(root / "labs" / lab, {"handout.md": f"# {lab}\n", "answers.md": ANSWERS})
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


def cut(root: Path, lab: str, out: Path, unsolved: bool = False) -> Path:
    """The handout of a lab."""
    make_handout(root, find_lab(lab, root), out, unsolved)
    return out


def edit(path: Path, old: str, new: str) -> None:
    """Replaces the one occurrence of `old`."""
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new))


def fill_in(path: Path, part: str, code: str) -> None:
    """Writes a student's code between the brackets of a part."""
    lines = path.read_text().split("\n")
    first = next(n for n, line in enumerate(lines) if f"BEGIN YOURS({part})" in line)
    last = next(n for n, line in enumerate(lines) if f"END YOURS({part})" in line)
    path.write_text("\n".join([*lines[: first + 1], *code.split("\n"), *lines[last:]]))


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout
