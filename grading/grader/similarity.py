"""Hands a class's submissions to programs that look for copied code; looks for none itself.

    export(root, tasks, out)      folders as JPlag reads them, and the students' own lines apart
    compare(out)                  pairs by Debian's similarity-tester (sim_c++), most alike first

OUT/LAB/submissions/STUDENT/…   the graded files          java -jar jplag.jar -l cpp
OUT/LAB/base/…                  the same of the handout        -bc OUT/LAB/base OUT/LAB/submissions
OUT/LAB/own/STUDENT.cc          the lines that the handout does not have
"""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grading.grader.intake import Unreadable, read_guarded
from grading.grader.overlay import choose
from grading.grader.plan import Task
from grading.grader.pristine import prepare
from grading.grader.roster import ClassError
from labs.course import find_lab

PACKAGE = "similarity-tester"
SOURCES = (".cc", ".c", ".h", ".S")
MOST_LINES = 30_000  # of one submission: the same line a million times would take hours to compare
LINE = re.compile(r"(?P<one>\S+) consists for (?P<percent>\d+) % of (?P<other>\S+) material")


@dataclass(frozen=True, order=True)
class Pair:
    """`percent` of the code that is `one`'s own is also in `other`'s."""

    percent: int
    one: str
    other: str
    lab: str


def own_lines(base: str, text: str) -> list[str]:
    """The lines that a file has beyond the handout's, but for brackets of parts and empty ones."""
    before, now = base.splitlines(), text.splitlines()
    lines: list[str] = []
    matcher = difflib.SequenceMatcher(None, before, now, autojunk=False)
    for kind, _, _, start, end in matcher.get_opcodes():
        if kind != "equal":
            lines += [line for line in now[start:end] if line.strip() and "YOURS(" not in line]
    return lines


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def export(root: Path, tasks: Sequence[Task], out: Path, work: Path, unsolved: bool = False) -> list[str]:
    """Writes the folders anew; returns a sentence for each submission that has nothing to compare."""
    left_out: list[str] = []
    for lab in sorted({task.lab for task in tasks}):
        pristine = prepare(root, find_lab(lab, root), work / "cache", unsolved)
        base = {n: c for n, c in pristine.files().items() if n in pristine.keep.listed and n.endswith(SOURCES)}
        shutil.rmtree(out / lab, ignore_errors=True)
        _write(out / lab / "base", base)
        (out / lab / "own").mkdir(parents=True)
        for task in tasks:
            if task.lab != lab:
                continue
            try:
                chosen = choose(read_guarded(task.path), pristine.keep, pristine.files())
            except Unreadable as error:
                left_out.append(f"{task.name}: {error}")
                continue
            files = {name: content for name, content in chosen.files.items() if name.endswith(SOURCES)}
            _write(out / lab / "submissions" / task.student, files)
            lines, own = sum(content.count(b"\n") for content in files.values()), list[str]()
            if lines > MOST_LINES:
                left_out.append(f"{task.name}: has {lines:,} lines, more than the {MOST_LINES:,} that are compared: look at it")
                continue
            for name in sorted(files):
                texts = [content.decode(errors="replace") for content in (base.get(name, b""), files[name])]
                own += own_lines(*texts)
            if own:
                (out / lab / "own" / f"{task.student}.cc").write_text("\n".join(own) + "\n")
            else:
                left_out.append(f"{task.name}: has nothing that the handout has not")
    return left_out


def _pairs(folder: Path, lab: str, least: int) -> Iterator[Pair]:
    names = sorted(path.name for path in folder.glob("*.cc"))
    if len(names) < 2:
        return
    try:
        # Each with each, comments and names of variables left out of account.
        done = subprocess.run(
            ["sim_c++", "-p", "-e", "-T", "-t", str(least), "-i"], cwd=folder,
            input="\n".join(names) + "\n", capture_output=True, text=True, errors="replace",
        )  # fmt: skip
    except FileNotFoundError:
        raise ClassError(f"sim_c++ is not installed: apt-get install {PACKAGE}") from None
    if done.returncode:
        raise ClassError(f"sim_c++ failed in {folder}: {done.stderr.strip()[-500:]}")
    for match in LINE.finditer(done.stdout):
        one, other = (match[key].removesuffix(".cc") for key in ("one", "other"))
        if one != other:
            yield Pair(int(match["percent"]), one, other, lab)


def compare(out: Path, labs: Sequence[str], least: int) -> list[Pair]:
    """All pairs from `least` percent on, most alike first."""
    return sorted((pair for lab in labs for pair in _pairs(out / lab / "own", lab, least)), reverse=True)
